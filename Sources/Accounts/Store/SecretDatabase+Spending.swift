import Contracts
import Databases
import GRDB

// Actions that are allowed once, or a limited number of times, across all processes.
extension SecretDatabase {
    /// Spends a mark, such as the nonce of a request.
    ///
    /// - Parameters:
    ///   - lifetime: The time after which the mark is forgotten.
    ///   - limit: The number of marks of this kind that may be spent within their lifetime.
    /// - Returns: `false` when the mark was spent before, or when the limit is reached.
    func spend(
        _ mark: String, _ kind: String, for lifetime: Duration, limit: Int = .max
    ) async throws -> Bool {
        let now = clock()
        return try await writer.write(.soon) { db in
            try db.execute(sql: "DELETE FROM spent WHERE expires_at <= ?", arguments: [now.milliseconds])
            let count = try Int.fetchOne(db, sql: "SELECT count(*) FROM spent WHERE kind = ?", arguments: [kind]) ?? 0
            guard count < limit else { return false }
            try db.execute(
                sql: "INSERT OR IGNORE INTO spent (mark, kind, expires_at) VALUES (?, ?, ?)",
                arguments: [mark, kind, (now + lifetime).milliseconds])
            return db.changesCount == 1
        }
    }
}
