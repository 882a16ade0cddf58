import Contracts
import GRDB

extension JobStore {
    /// Whether an error lies in the database's storage or in a lock, and not in what was to be stored: a later attempt may
    /// succeed.
    public static func isTemporary(_ error: any Error) -> Bool {
        guard let error = error as? DatabaseError else { return error is CancellationError }
        return temporary.contains(error.resultCode)
    }

    private static let temporary: [ResultCode] = [
        .SQLITE_BUSY, .SQLITE_LOCKED, .SQLITE_FULL, .SQLITE_IOERR, .SQLITE_CANTOPEN, .SQLITE_READONLY, .SQLITE_NOMEM,
        .SQLITE_PERM, .SQLITE_AUTH, .SQLITE_ABORT, .SQLITE_INTERRUPT, .SQLITE_PROTOCOL, .SQLITE_CORRUPT,
        .SQLITE_NOTADB, .SQLITE_SCHEMA, .SQLITE_MISUSE,
    ]
}
