import Contracts
import Databases
import Foundation
import GRDB

/// Why the watchlist was not changed.
enum WatchError: Error, Sendable {
    case notFound
    case alreadyWatched
}

// What people change in the watchlist.
extension PlannerStore {
    /// Returns everything that is watched, in the order in which it was added.
    /// - Parameter skipped: receives the reason for each entry that cannot be read.
    func watchlist(skipped: @escaping @Sendable (UnreadableRow) -> Void = { _ in }) async throws -> [WatchEntry] {
        try await writer.read { db in
            try db.readAll("SELECT * FROM watchlist ORDER BY number", skipped: skipped) { try WatchEntry($0) }
        }
    }

    /// Returns the entry with a key, or `nil` when there is none.
    func watch(_ key: String) async throws -> WatchEntry? {
        try await writer.read { db in try Self.watch(key, db) }
    }

    private static func watch(_ key: String, _ db: Database) throws -> WatchEntry? {
        try db.readFirst("SELECT * FROM watchlist WHERE artist_key = ?", [key]) { try WatchEntry($0) }
    }

    /// Adds an entry. Its first check is due at once.
    /// - Throws: ``WatchError`` `.alreadyWatched`.
    func add(_ new: NewWatch) async throws -> WatchEntry {
        let now = clock()
        let key = WatchKey.of(new.link)
        return try await writer.write(.onDisk) { db in
            let exists = try Bool.fetchOne(
                db, sql: "SELECT EXISTS (SELECT 1 FROM watchlist WHERE artist_key = ?)", arguments: [key])
            guard exists != true else { throw WatchError.alreadyWatched }
            try db.execute(
                sql: """
                    INSERT INTO watchlist (watch_id, artist_key, link, terms, due_at, created_at, updated_at)
                    VALUES (?, ?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    JobID().text, key, new.link.description, try ContractCoding.encode(new.terms), now.milliseconds,
                    now.milliseconds, now.milliseconds,
                ])
            return try Self.existing(key, db)
        }
    }

    /// Changes settings of an entry. A check that is under way continues.
    /// - Throws: ``WatchError`` `.notFound`; what `change` throws.
    func changeWatch(
        _ key: String, _ change: @escaping @Sendable (inout WatchEntry) throws -> Void
    ) async throws -> WatchEntry {
        let now = clock()
        return try await writer.write(.onDisk) { db in
            var entry = try Self.existing(key, db)
            try change(&entry)
            try db.execute(
                sql: """
                    UPDATE watchlist SET
                        terms = ?, paused = ?, pause_reason = ?, resume_at = ?, due_at = ?, updated_at = ?
                    WHERE number = ?
                    """,
                arguments: [
                    try ContractCoding.encode(entry.terms), entry.isPaused, entry.pauseReason,
                    entry.resumeAt?.milliseconds, entry.dueAt.milliseconds, now.milliseconds, entry.number,
                ])
            return try Self.existing(key, db)
        }
    }

    /// Removes an entry and what its checks found. Jobs stay.
    /// - Throws: ``WatchError`` `.notFound`.
    func removeWatch(_ key: String) async throws {
        try await writer.write(.onDisk) { db in
            // Without decoding, so that an entry that cannot be read can be removed.
            let number = try Int64.fetchOne(
                db, sql: "DELETE FROM watchlist WHERE artist_key = ? RETURNING number", arguments: [key])
            guard let number else { throw WatchError.notFound }
            try db.execute(sql: "DELETE FROM watchlist_seen WHERE watch = ?", arguments: [number])
            try Self.deleteSubmissions(of: number, in: .watchlist, db)
        }
    }

    private static func existing(_ key: String, _ db: Database) throws -> WatchEntry {
        guard let entry = try watch(key, db) else { throw WatchError.notFound }
        return entry
    }

    /// Ends a pause whose end has come.
    static func endPause(of number: Int64, at now: Timestamp, _ db: Database) throws {
        try db.execute(
            sql: """
                UPDATE watchlist SET paused = 0, pause_reason = NULL, resume_at = NULL
                WHERE number = ? AND paused = 1 AND resume_at <= ?
                """, arguments: [number, now.milliseconds])
    }
}
