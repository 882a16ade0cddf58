import Contracts
import Foundation
import GRDB

/// Why a backfill was not begun or changed.
enum BackfillError: Error, Sendable {
    case unknown
    /// Another one is under way.
    case busy(JobID)
    /// It has ended.
    case ended(Backfill.State)
}

// Completions of what is known.
extension JobStore {
    /// Begins a backfill.
    /// - Throws: ``BackfillError`` `.busy`: two at once would ask the same twice.
    func beginBackfill(_ terms: BackfillTerms) async throws -> Backfill {
        let now = clock()
        let id = JobID()
        return try await writer.write(.onDisk) { db in
            if let other = try String.fetchOne(db, sql: "SELECT backfill_id FROM backfills WHERE ended_at IS NULL") {
                throw BackfillError.busy(JobID(other) ?? id)
            }
            try db.execute(
                sql: """
                    INSERT INTO backfills (
                        backfill_id, terms, state, cursor, counts, due_at, created_at, updated_at)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    id.text, ContractCoding.encode(terms), Backfill.State.queued.rawValue,
                    ContractCoding.encode(BackfillCursor()),
                    ContractCoding.encode(BackfillCounts(requested: terms.maxItems)), now.milliseconds,
                    now.milliseconds, now.milliseconds,
                ])
            return try Self.known(id, db)
        }
    }

    func backfill(_ id: JobID) async throws -> Backfill? {
        try await writer.read { db in try Self.backfill(id, db) }
    }

    /// The newest first.
    func backfills(limit: Int) async throws -> [Backfill] {
        try await writer.read { db in
            try Row.fetchAll(db, sql: "SELECT * FROM backfills ORDER BY number DESC LIMIT ?", arguments: [limit])
                .map(Backfill.init)
        }
    }

    /// Pauses, resumes or cancels.
    /// - Throws: ``BackfillError``.
    func setBackfill(_ id: JobID, to state: Backfill.State) async throws -> Backfill {
        let now = clock()
        return try await writer.write(.onDisk) { db in
            var backfill = try Self.known(id, db)
            guard !backfill.state.isFinal else { throw BackfillError.ended(backfill.state) }
            let isResumed = state == .running && backfill.state != .paused
            guard !isResumed, backfill.state != state else { return backfill }
            backfill.state = state
            backfill.problem = nil
            backfill.dueAt = now
            _ = try Self.save(backfill, at: now, db)
            return try Self.known(id, db)
        }
    }

    private static func backfill(_ id: JobID, _ db: Database) throws -> Backfill? {
        try Row.fetchOne(db, sql: "SELECT * FROM backfills WHERE backfill_id = ?", arguments: [id.text])
            .map(Backfill.init)
    }

    private static func known(_ id: JobID, _ db: Database) throws -> Backfill {
        guard let backfill = try backfill(id, db) else { throw BackfillError.unknown }
        return backfill
    }

    /// Keeps the outcome of a step.
    /// - Returns: whether it counts; not when another process took the step, or somebody paused or ended it.
    func save(_ backfill: Backfill) async throws -> Bool {
        let now = clock()
        return try await writer.write(.onDisk) { db in try Self.save(backfill, at: now, db) }
    }

    static func save(_ backfill: Backfill, at now: Timestamp, _ db: Database) throws -> Bool {
        try db.cachedStatement(
            sql: """
                UPDATE backfills SET
                    state = ?, cursor = ?, counts = ?, code = ?, message = ?, failures = ?, due_at = ?,
                    step = step + 1, lease_owner = NULL, leased_until = 0, updated_at = ?, ended_at = ?
                WHERE number = ? AND step = ? AND ended_at IS NULL
                """
        ).execute(arguments: [
            backfill.state.rawValue, ContractCoding.encode(backfill.cursor), ContractCoding.encode(backfill.counts),
            backfill.problem?.code, backfill.problem?.message, backfill.failures, backfill.dueAt.milliseconds,
            now.milliseconds, backfill.state.isFinal ? now.milliseconds : nil, backfill.number, backfill.step,
        ])
        let isKept = db.changesCount == 1
        if isKept, backfill.state.isFinal {
            for table in ["backfill_tracks", "backfill_albums"] {
                try db.execute(sql: "DELETE FROM \(table) WHERE backfill = ?", arguments: [backfill.number])
            }
        }
        return isKept
    }
}

// MARK: - What is to be looked up

extension JobStore {
    /// requests that ended because nothing was found, and that had neither a code nor an id to find it by; by number.
    func unmatchedJobs(after number: Int64, limit: Int) async throws -> [(Int64, JobDocument)] {
        let codes = [ErrorCode.noMatch, .noSource].map(\.rawValue)
        let rows = try await writer.read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT number, document FROM jobs
                    WHERE state = ? AND number > ? AND code IN (?, ?) AND document IS NOT NULL
                        AND json_extract(document, '$.track.isrc') IS NULL
                        AND json_extract(document, '$.track.spotify_id') IS NULL
                    ORDER BY number LIMIT ?
                    """,
                arguments: [JobState.deadLetter.rawValue, number, codes[0], codes[1], limit]
            ).map { ($0["number"] as Int64, $0["document"] as Data) }
        }
        return try rows.map { ($0.0, try ContractCoding.decode(JobDocument.self, from: $0.1)) }
    }

    /// The next album of a backfill's files.
    func album(of backfill: Backfill, after number: Int64) async throws -> (Int64, String)? {
        try await writer.read { db in
            try Row.fetchOne(
                db,
                sql:
                    "SELECT number, album FROM backfill_albums WHERE backfill = ? AND number > ? ORDER BY number LIMIT 1",
                arguments: [backfill.number, number]
            ).map { ($0["number"], $0["album"]) }
        }
    }
}
