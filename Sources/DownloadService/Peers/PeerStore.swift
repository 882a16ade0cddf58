import Contracts
import Databases
import Foundation
import GRDB

/// The records of all peers, in `peers.db`. The download service owns the file; its processes on one host share it.
struct PeerStore: Sendable {
    let pool: DatabasePool

    private static let migrations: [Migration] = [.peers001Peers, .peers002MislabelledFiles]

    /// Opens or creates the database. Blocks.
    /// - Throws: `NewerDatabase`, `DatabaseError`.
    init(_ file: URL) throws {
        var configuration = Configuration()
        configuration.busyMode = .timeout(5)
        pool = try DatabaseFile.open(
            file.path(percentEncoded: false), configuration, DatabaseMigrator(Self.migrations))
    }

    /// Records an event of a peer.
    func record(_ event: PeerEvent, of user: String, at now: Timestamp = .now) async throws {
        try await change(user, at: now, .soon) { $0 = $0.after(event, at: now) }
    }

    /// Bans a peer.
    func ban(_ user: String, because reason: String?, at now: Timestamp = .now) async throws -> PeerRecord {
        try await change(user, at: now, .onDisk) { record in
            record.bannedAt = record.bannedAt ?? now
            record.banReason = reason ?? record.banReason
        }
    }

    /// Lifts a ban.
    func unban(_ user: String, at now: Timestamp = .now) async throws -> PeerRecord {
        try await change(user, at: now, .onDisk) { record in
            record.bannedAt = nil
            record.banReason = nil
        }
    }

    /// Returns the records of some peers with their present weights. Unknown peers are missing.
    func records(of users: Set<String>, at now: Timestamp = .now) async throws -> [String: PeerRecord] {
        try await pool.read { db in
            try users.reduce(into: [:]) { records, user in
                records[user] = try Self.fetch(user, db)?.aged(to: now)
            }
        }
    }

    /// Returns a page of all peers: banned peers first, then those with the most events.
    func page(limit: Int, offset: Int, at now: Timestamp = .now) async throws -> (peers: [PeerRecord], total: Int) {
        try await pool.read { db in
            let peers = try db.readAll(
                """
                SELECT * FROM peers ORDER BY banned_at IS NULL, successes + failures + lies DESC, user
                LIMIT ? OFFSET ?
                """, [limit, offset], Self.record)
            let total = try Int.fetchOne(db, sql: "SELECT count(*) FROM peers") ?? 0
            return (peers.map { $0.aged(to: now) }, total)
        }
    }

    @discardableResult
    private func change(
        _ user: String, at now: Timestamp, _ durability: Durability,
        _ change: @escaping @Sendable (inout PeerRecord) -> Void
    ) async throws -> PeerRecord {
        try await pool.write(durability) { db in
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
        try db.readFirst("SELECT * FROM peers WHERE user = ?", [user], record)
    }

    private static func record(_ row: Row) throws -> PeerRecord {
        var record = PeerRecord(user: try row.value("user"), at: Timestamp(try row.value("at") as String) ?? .now)
        record.successes = try row.value("successes")
        record.failures = try row.value("failures")
        record.lies = try row.value("lies")
        record.speed = try row.optionalValue("speed")
        record.bannedAt = try row.optionalValue("banned_at", as: String.self).flatMap { Timestamp($0) }
        record.banReason = try row.optionalValue("ban_reason")
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
