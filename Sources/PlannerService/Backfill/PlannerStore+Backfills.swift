import Contracts
import Databases
import Foundation
import GRDB

/// Why a backfill was not begun or changed.
enum BackfillError: Error, Sendable {
    case notFound
    /// Another one is under way.
    case busy(JobID)
    case ended(Backfill.State)
}

extension PlannerStore {
    /// Begins a backfill. It reads the library and the jobs from where the last one stopped.
    /// - Throws: ``BackfillError`` `.busy`, because two at once would look up the same files.
    func beginBackfill(_ terms: BackfillTerms) async throws -> Backfill {
        let now = clock()
        return try await writer.write(.onDisk) { db in try Self.beginBackfill(terms, at: now, db) }
    }

    static func beginBackfill(_ terms: BackfillTerms, at now: Timestamp, _ db: Database) throws -> Backfill {
        let id = JobID()
        if let other = try String.fetchOne(db, sql: "SELECT backfill_id FROM backfills WHERE ended_at IS NULL") {
            throw BackfillError.busy(JobID(other) ?? id)
        }
        var cursor = BackfillCursor()
        cursor.jobOrigin = try Fact.backfillJobPosition.value(db).flatMap { Int64($0) } ?? 0
        cursor.job = cursor.jobOrigin
        if terms.isForJobsOnly {
            cursor.phase = .jobs
            cursor.hasReadFiles = true
        } else {
            cursor.origin = try Fact.backfillPosition.value(db)
            cursor.path = cursor.origin
        }
        try db.execute(
            sql: """
                INSERT INTO backfills (
                    backfill_id, terms, state, cursor, counts, due_at, created_at, updated_at)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                id.text, try ContractCoding.encode(terms), Backfill.State.queued.rawValue,
                try ContractCoding.encode(cursor),
                try ContractCoding.encode(BackfillCounts(requested: terms.maxItems)), now.milliseconds,
                now.milliseconds, now.milliseconds,
            ])
        return try existing(id, db)
    }

    /// Returns a backfill, or `nil` when there is none with this id.
    func backfill(_ id: JobID) async throws -> Backfill? {
        try await writer.read { db in try Self.backfill(id, db) }
    }

    /// Returns the latest backfills, the newest first. Entries that cannot be read are left out.
    func backfills(limit: Int) async throws -> [Backfill] {
        try await writer.read { db in
            try db.readAll("SELECT * FROM backfills ORDER BY number DESC LIMIT ?", [limit]) { try Backfill($0) }
        }
    }

    /// Pauses, resumes or cancels a backfill.
    /// - Throws: ``BackfillError``.
    func setBackfill(_ id: JobID, to state: Backfill.State) async throws -> Backfill {
        let now = clock()
        return try await writer.write(.onDisk) { db in
            let backfill = try Self.existing(id, db)
            guard !backfill.state.isFinal else { throw BackfillError.ended(backfill.state) }
            let isResumed = state == .running && backfill.state != .paused
            guard !isResumed, backfill.state != state else { return backfill }
            if state.isFinal {
                var after = backfill.progress
                after.state = state
                after.problem = nil
                try Self.end(backfill, after, [], at: now, db)
            } else {
                // No new step: a pending submission keeps its key.
                try db.execute(
                    sql: """
                        UPDATE backfills SET state = ?, code = NULL, message = NULL, due_at = ?, updated_at = ?
                        WHERE number = ?
                        """, arguments: [state.rawValue, now.milliseconds, now.milliseconds, backfill.number])
            }
            return try Self.existing(id, db)
        }
    }

    private static func backfill(_ id: JobID, _ db: Database) throws -> Backfill? {
        try db.readFirst("SELECT * FROM backfills WHERE backfill_id = ?", [id.text]) { try Backfill($0) }
    }

    private static func existing(_ id: JobID, _ db: Database) throws -> Backfill {
        guard let backfill = try backfill(id, db) else { throw BackfillError.notFound }
        return backfill
    }

    /// Returns the next album of a backfill's files, with its number.
    func album(of backfill: Backfill, after number: Int64) async throws -> (Int64, String)? {
        try await writer.read { db in
            try db.readFirst(
                """
                SELECT number, album FROM backfill_albums
                WHERE backfill = ? AND number > ? ORDER BY number LIMIT 1
                """, [backfill.number, number]
            ) { (try $0.value("number"), try $0.value("album")) }
        }
    }
}
