import Contracts
import Databases
import Foundation
import GRDB

/// What is known of all peers, in `peers.db`: owned by the download service, shared by its processes on one host.
struct PeerStore: Sendable {
    let pool: DatabasePool

    /// Opens or makes the database; blocks on the disk.
    /// - Throws: `NewerDatabase`, `DatabaseError`.
    init(_ file: URL) throws {
        var configuration = Configuration()
        configuration.busyMode = .timeout(5)
        pool = try DatabaseFile.open(file.path(percentEncoded: false), configuration, Self.migrator)
    }

    private static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("001 peers") { db in
            try db.create(table: "peers") { table in
                table.primaryKey("user", .text)
                table.column("successes", .double).notNull()
                table.column("failures", .double).notNull()
                table.column("lies", .double).notNull()
                table.column("speed", .double)
                table.column("at", .text).notNull()
                table.column("banned_at", .text)
                table.column("ban_reason", .text)
            }
        }
        registerMislabelledFiles(&migrator)
        return migrator
    }

    /// Whether the database can be written.
    func probe() async throws { try await pool.write { try $0.execute(sql: "DELETE FROM peers WHERE user IS NULL") } }

    /// Notes what a peer did.
    func note(_ deed: PeerEvent, of user: String, at now: Timestamp = .now) async throws {
        try await change(user, at: now) { $0 = $0.after(deed, at: now) }
    }

    /// Bans a peer.
    func ban(_ user: String, because reason: String?, at now: Timestamp = .now) async throws -> PeerRecord {
        try await change(user, at: now) { record in
            record.bannedAt = record.bannedAt ?? now
            record.banReason = reason ?? record.banReason
        }
    }

    /// Lifts a ban.
    func unban(_ user: String, at now: Timestamp = .now) async throws -> PeerRecord {
        try await change(user, at: now) { record in
            record.bannedAt = nil
            record.banReason = nil
        }
    }

    /// The records of some peers, as they weigh now; peers that nobody knows are missing.
    func records(of users: Set<String>, at now: Timestamp = .now) async throws -> [String: PeerRecord] {
        try await pool.read { db in
            try users.reduce(into: [:]) { records, user in
                records[user] = try Self.fetch(user, db)?.aged(to: now)
            }
        }
    }

    /// All peers, the banned ones first, then those with the most to tell.
    func page(limit: Int, offset: Int, at now: Timestamp = .now) async throws -> (peers: [PeerRecord], total: Int) {
        try await pool.read { db in
            let rows = try Row.fetchAll(
                db,
                sql: """
                    SELECT * FROM peers ORDER BY banned_at IS NULL, successes + failures + lies DESC, user
                    LIMIT ? OFFSET ?
                    """, arguments: [limit, offset])
            let total = try Int.fetchOne(db, sql: "SELECT count(*) FROM peers") ?? 0
            return (rows.map { Self.record($0).aged(to: now) }, total)
        }
    }

    @discardableResult
    private func change(
        _ user: String, at now: Timestamp, _ change: @escaping @Sendable (inout PeerRecord) -> Void
    ) async throws -> PeerRecord {
        try await pool.write { db in
            var record = try Self.fetch(user, db) ?? PeerRecord(user: user, at: now)
            change(&record)
            try Self.save(record, db)
            return record
        }
    }
}

// MARK: - Rows

extension PeerStore {
    static func fetch(_ user: String, _ db: Database) throws -> PeerRecord? {
        try Row.fetchOne(db.cachedStatement(sql: "SELECT * FROM peers WHERE user = ?"), arguments: [user]).map(record)
    }

    private static func record(_ row: Row) -> PeerRecord {
        var record = PeerRecord(user: row["user"], at: Timestamp(row["at"] as String) ?? .now)
        record.successes = row["successes"]
        record.failures = row["failures"]
        record.lies = row["lies"]
        record.speed = row["speed"]
        record.bannedAt = (row["banned_at"] as String?).flatMap { Timestamp($0) }
        record.banReason = row["ban_reason"]
        return record
    }

    static func save(_ record: PeerRecord, _ db: Database) throws {
        try db.cachedStatement(
            sql: """
                INSERT OR REPLACE INTO peers (user, successes, failures, lies, speed, at, banned_at, ban_reason)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                """
        ).execute(arguments: [
            record.user, record.successes, record.failures, record.lies, record.speed, record.at.description,
            record.bannedAt?.description, record.banReason,
        ])
    }
}
