import Contracts
import Databases
import Foundation
import GRDB
import Metadata

/// The gateway's database of secrets: one file that its owner alone can read, in which every value is sealed.
///
/// Several gateways may use one file at once. Calls wait their turn on a queue of the database's own, never on the
/// cooperative pool.
final class SecretDatabase: Sendable {
    let writer: any DatabaseWriter
    let keys: SecretKeySource
    let clock: @Sendable () -> Timestamp
    let path: String

    private init(
        _ writer: DatabasePool, _ keys: SecretKeySource, clock: @escaping @Sendable () -> Timestamp
    ) {
        path = writer.path
        self.writer = writer
        self.keys = keys
        self.clock = clock
    }

    /// Opens the database and brings it up to date; makes a key where none was ever configured. Blocks.
    /// - Throws: ``JobStoreError``, `SecretKeyError`, `NewerDatabase`, `DatabaseError`, `POSIXError`.
    static func open(
        _ path: String, keys: SecretKeySource,
        clock: @escaping @Sendable () -> Timestamp = { .now }
    ) throws -> SecretDatabase {
        try keys.prepare()
        try JobStore.makeFolder(of: path)
        try makePrivate(path)
        var configuration = Configuration()
        configuration.busyMode = .timeout(10)
        configuration.label = "secrets"
        // What is deleted or replaced is overwritten: a former secret does not stay in free pages.
        configuration.prepareDatabase { try $0.execute(sql: "PRAGMA secure_delete = ON") }
        let writer = try DatabaseFile.open(path, configuration, DatabaseMigrator(Migration.secrets))
        // The environment may be another one by now.
        try writer.write(forgiveApp)
        return SecretDatabase(writer, keys, clock: clock)
    }

    /// Closes the database; calls fail from then on.
    func close() throws { try writer.close() }

    /// Asks the database something that it answers only when the file can be read and the schema is there.
    func probe() async throws {
        _ = try await writer.read { db in try Int.fetchOne(db, sql: "SELECT 1 FROM secrets LIMIT 1") }
    }

    /// The file is there for its owner alone before SQLite writes into it; its companions get the same rights.
    private static func makePrivate(_ path: String) throws {
        let descriptor = Foundation.open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
        defer { Foundation.close(descriptor) }
        guard fchmod(descriptor, 0o600) == 0 else { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
    }
}

// MARK: - Sealing

/// A sealed text as a row holds it.
struct SealedValue: Sendable {
    let keyID: String
    let sealed: Data

    init(keyID: String, sealed: Data) {
        self.keyID = keyID
        self.sealed = sealed
    }

    init(_ row: Row) { self.init(keyID: row["key_id"], sealed: row["sealed"]) }
}

extension SecretDatabase {
    /// Seals a text. Within a write only, of which `db` is the proof: the keys are read under the database's lock, so that a change of keys, which
    /// takes the same lock, leaves nothing sealed with a key that is gone.
    func seal(_ text: Data, as name: String, _ db: Database) throws -> SealedValue {
        let key = try keys.keys().current
        return SealedValue(keyID: key.id, sealed: try key.seal(text, as: name, for: .store))
    }

    /// Opens a text. Reads the key file: on a queue of the database's only.
    /// - Throws: `SecretKeyError`.
    func open(_ value: SealedValue, as name: String) throws(SecretKeyError) -> Data {
        try keys.keys().key(value.keyID).open(value.sealed, as: name, for: .store)
    }

    /// Reads a row and opens what it holds, where it holds something.
    func opened<Head: Sendable>(
        as name: String, _ fetch: @escaping @Sendable (Database) throws -> (Head, SealedValue)?
    ) async throws -> (head: Head, text: Result<Data, SecretKeyError>?)? {
        var unknown: String?
        while true {
            let found = try await writer.read { [self] db in
                try fetch(db).map { head, sealed in
                    (head, sealed.keyID, sealed.sealed.isEmpty ? nil : attempt(sealed, name))
                }
            }
            guard let (head, keyID, text) = found else { return nil }
            // The keys may have been changed between the look at the row and the look at the file: look again.
            guard case .failure(.unknownKey)? = text, unknown != keyID else { return (head, text) }
            unknown = keyID
        }
    }

    private func attempt(_ value: SealedValue, _ name: String) -> Result<Data, SecretKeyError> {
        do throws(SecretKeyError) {
            return .success(try open(value, as: name))
        } catch {
            return .failure(error)
        }
    }
}
