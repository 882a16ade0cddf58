import Contracts
import Foundation
import GRDB
import Metadata

/// Why the watchlist was not changed.
enum WatchError: Error, Sendable {
    case unknown
    /// It is watched already.
    case known
}

// Whom people watch.
extension JobStore {
    /// Everything that is watched, in the order in which it was added.
    func watchlist() async throws -> [WatchEntry] {
        try await writer.read { db in
            try Row.fetchAll(db, sql: "SELECT * FROM watchlist ORDER BY number").map(WatchEntry.init)
        }
    }

    func watch(_ key: String) async throws -> WatchEntry? {
        try await writer.read { db in try Self.watch(key, db) }
    }

    private static func watch(_ key: String, _ db: Database) throws -> WatchEntry? {
        try Row.fetchOne(db, sql: "SELECT * FROM watchlist WHERE artist_key = ?", arguments: [key]).map(WatchEntry.init)
    }

    /// Begins to watch. The first look is due at once.
    /// - Throws: ``WatchError`` `.known`.
    func add(_ new: NewWatch) async throws -> WatchEntry {
        let now = clock()
        let key = WatchKey.of(new.link)
        return try await writer.write(.onDisk) { db in
            guard try Self.watch(key, db) == nil else { throw WatchError.known }
            try db.execute(
                sql: """
                    INSERT INTO watchlist (artist_key, link, terms, due_at, created_at, updated_at)
                    VALUES (?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    key, new.link.description, ContractCoding.encode(new.terms), now.milliseconds, now.milliseconds,
                    now.milliseconds,
                ])
            return try Self.known(key, db)
        }
    }

    /// Changes what people decide about an entry; a look that is under way goes on.
    /// - Throws: ``WatchError`` `.unknown`; what `change` throws.
    func changeWatch(
        _ key: String, _ change: @escaping @Sendable (inout WatchEntry) throws -> Void
    ) async throws -> WatchEntry {
        let now = clock()
        return try await writer.write(.onDisk) { db in
            var entry = try Self.known(key, db)
            try change(&entry)
            try db.execute(
                sql: """
                    UPDATE watchlist SET
                        terms = ?, paused = ?, pause_reason = ?, resume_at = ?, due_at = ?, updated_at = ?
                    WHERE number = ?
                    """,
                arguments: [
                    ContractCoding.encode(entry.terms), entry.isPaused, entry.pauseReason,
                    entry.resumeAt?.milliseconds, entry.dueAt.milliseconds, now.milliseconds, entry.number,
                ])
            return try Self.known(key, db)
        }
    }

    /// Watches no longer, and forgets what was found. Jobs stay.
    /// - Throws: ``WatchError`` `.unknown`.
    func removeWatch(_ key: String) async throws {
        try await writer.write(.onDisk) { db in
            let entry = try Self.known(key, db)
            try db.execute(sql: "DELETE FROM watchlist WHERE number = ?", arguments: [entry.number])
            try db.execute(sql: "DELETE FROM watchlist_seen WHERE watch = ?", arguments: [entry.number])
        }
    }

    private static func known(_ key: String, _ db: Database) throws -> WatchEntry {
        guard let entry = try watch(key, db) else { throw WatchError.unknown }
        return entry
    }
}

// MARK: - Looking

extension JobStore {
    /// Makes the jobs of what is new on a page, remembers it, and moves the look on or ends it, in one transaction.
    /// - Parameter pause: from the beginning of this look to that of the next one.
    /// - Returns: the look as it is then; `nil` when another process took this step, or the entry is gone.
    func keep(
        _ page: WatchPage, of entry: WatchEntry, pause: Duration, limits: IntakeLimits, worker: String
    ) async throws -> WatchRun? {
        let now = clock()
        return try await writer.write(.onDisk) { db in
            guard let current = try Self.watch(entry.key, db), current.isSame(as: entry) else { return nil }
            var step = WatchStep(current, current.presentRun(at: now), at: now)
            let goesOn = try step.take(page, db)
            if !step.items.isEmpty {
                step.count(
                    try Self.admit(step.items, as: step.plan.frame(worker: worker, at: now), limits, db))
            }
            var after = current
            after.failures = 0
            after.problem = nil
            after.run = step.run
            after.dueAt = now
            if !goesOn { after.end(at: now, pause: pause) }
            try Self.save(after, at: now, db)
            return step.run
        }
    }

    /// Keeps that a look has to wait, or cannot be done.
    /// - Returns: whether it counts; not when another process took the step, or the entry is gone.
    func save(_ entry: WatchEntry) async throws -> Bool {
        let now = clock()
        return try await writer.write(.onDisk) { db in
            guard let current = try Self.watch(entry.key, db), current.isSame(as: entry) else { return false }
            try Self.save(entry, at: now, db)
            return true
        }
    }

    /// Writes what looking changes, and not what people decide.
    private static func save(_ entry: WatchEntry, at now: Timestamp, _ db: Database) throws {
        try db.cachedStatement(
            sql: """
                UPDATE watchlist SET
                    run = ?, last_run = ?, runs = ?, snapshot = ?, code = ?, message = ?, failures = ?, due_at = ?,
                    step = step + 1, lease_owner = NULL, leased_until = 0
                WHERE number = ? AND step = ?
                """
        ).execute(arguments: [
            try entry.run.map { try ContractCoding.encode($0) },
            try entry.lastRun.map { try ContractCoding.encode($0) },
            entry.runs, entry.snapshot, entry.problem?.code, entry.problem?.message, entry.failures,
            entry.dueAt.milliseconds, entry.number, entry.step,
        ])
        // A pause whose end has come is over.
        try db.execute(
            sql: """
                UPDATE watchlist SET paused = 0, pause_reason = NULL, resume_at = NULL
                WHERE number = ? AND paused = 1 AND resume_at <= ?
                """, arguments: [entry.number, now.milliseconds])
    }
}

extension WatchEntry {
    fileprivate func isSame(as other: WatchEntry) -> Bool { number == other.number && step == other.step }

    /// The look that is under way, or a new one.
    func presentRun(at now: Timestamp) -> WatchRun {
        run ?? WatchRun(batchID: "watchlist-\(number)-\(runs + 1)", startedAt: now)
    }

    /// Ends the present look. What it has read to the end is remembered.
    mutating func end(at now: Timestamp, pause: Duration) {
        guard var ended = run else { return }
        ended.endedAt = now
        ended.releases = []
        if !ended.isCut { snapshot = ended.snapshot }
        lastRun = ended
        run = nil
        runs += 1
        dueAt = max(now, ended.startedAt + pause)
    }
}
