import Contracts
import Foundation
import GRDB
import Metadata

// What a step of a backfill becomes.
extension JobStore {
    /// Keeps what was learned and makes the jobs of it, in one transaction.
    /// - Returns: the backfill as it is then; `nil` when another process took this step, or somebody paused or ended it.
    func keep(
        _ page: BackfillPage, of backfill: Backfill, catalogue: CatalogueLink.Catalogue, limits: IntakeLimits,
        worker: String
    ) async throws -> Backfill? {
        let now = clock()
        return try await writer.write(.onDisk) { db in
            guard try Self.isCurrent(backfill, db) else { return nil }
            var step = BackfillStep(backfill: backfill, catalogue: catalogue, now: now)
            let items = try step.take(page, db)
            if !items.isEmpty {
                let frame = backfill.plan.frame(worker: worker, at: now)
                step.count(try Self.admit(items, as: frame, limits, db), of: page)
            }
            step.backfill.failures = 0
            step.backfill.problem = nil
            step.backfill.dueAt = now
            return try Self.save(step.backfill, at: now, db) ? step.backfill : nil
        }
    }

    private static func isCurrent(_ backfill: Backfill, _ db: Database) throws -> Bool {
        let step = try Int.fetchOne(
            db, sql: "SELECT step FROM backfills WHERE number = ? AND ended_at IS NULL AND state <> ?",
            arguments: [backfill.number, Backfill.State.paused.rawValue])
        return step == backfill.step
    }
}

/// A step on its way into the database.
private struct BackfillStep {
    var backfill: Backfill
    let catalogue: CatalogueLink.Catalogue
    let now: Timestamp

    /// - Returns: the jobs of the page.
    mutating func take(_ page: BackfillPage, _ db: Database) throws -> [Admission.Item] {
        backfill.state = .running
        switch page.content {
        case .files(let files, let next):
            for file in files { try take(file, db) }
            backfill.cursor.path = files.last?.file.path ?? backfill.cursor.path
            if next == nil { backfill.cursor.begin(.jobs) }
            return []
        case .jobs(let jobs): return try jobs.compactMap { try item(of: $0) }
        case .album(let tracks, let number):
            backfill.cursor.number = number
            return try missing(of: tracks, db)
        case .nothing:
            endPhase()
            return []
        }
    }

    private mutating func endPhase() {
        switch backfill.cursor.phase {
        case .files: backfill.cursor.begin(.jobs)
        case .jobs: backfill.cursor.begin(.albums)
        case .albums: backfill.state = .completed
        }
    }

    mutating func count(_ answers: [SubmissionResponse.Item], of page: BackfillPage) {
        let new = answers.count { $0.status == .enqueued }
        switch page.content {
        case .jobs: backfill.counts.jobs += new
        case .album: backfill.counts.tracks += new
        case .files, .nothing: break
        }
    }
}

extension BackfillStep {
    private mutating func take(_ file: BackfillPage.File, _ db: Database) throws {
        backfill.counts.processed += 1
        backfill.counts.asked += file.wasAsked ? 1 : 0
        backfill.counts.known += file.wasAsked || file.file.track == nil ? 0 : 1
        backfill.counts.matched += file.wasFound ? 1 : 0
        guard let track = file.file.track else { return }
        for key in keys(of: track) { try remember(key, db) }
        guard let album = file.file.albumLink else { return }
        try db.execute(
            sql: "INSERT INTO backfill_albums (backfill, album) VALUES (?, ?) ON CONFLICT DO NOTHING",
            arguments: [backfill.number, album])
    }

    private func remember(_ key: String, _ db: Database) throws {
        try db.cachedStatement(
            sql: "INSERT INTO backfill_tracks (backfill, key) VALUES (?, ?) ON CONFLICT DO NOTHING"
        ).execute(arguments: [backfill.number, key])
    }

    /// By what a track of the library and one of an album are known as the same.
    private func keys(of track: Track) -> [String] {
        var plain = track
        plain.album = nil
        var keys = [DedupeKey.of(plain)]
        plain.isrc = nil
        keys.append(DedupeKey.of(plain))
        if let id = track.spotifyID { keys.append("id:\(id)") }
        return keys
    }

    private mutating func item(of unmatched: BackfillPage.UnmatchedJob) throws -> Admission.Item? {
        backfill.counts.processed += 1
        backfill.counts.asked += 1
        backfill.cursor.number = unmatched.number
        guard let track = unmatched.track, track != unmatched.job.track else { return nil }
        backfill.counts.matched += 1
        var job = JobDocument(
            batchID: backfill.plan.batchID, kind: .backfill, requestedBy: unmatched.job.requestedBy,
            dedupeKey: unmatched.job.dedupeKey, submittedAt: now, track: track)
        job.force = unmatched.job.force
        // One that is too large to be carried stays as it ended.
        return try? Admission.Item(index: backfill.counts.processed, job: job)
    }

    /// The tracks that the library lacks, of an album of which it has at least half.
    private mutating func missing(of tracks: [CatalogueTrack], _ db: Database) throws -> [Admission.Item] {
        let wanted = tracks.compactMap { track in
            try? WantedTrack.of(.track(track), in: catalogue, ignoresAlbum: true).get()
        }
        let missing = try wanted.filter { try !isInLibrary($0, db) }
        guard !missing.isEmpty, missing.count * 2 <= wanted.count else { return [] }
        backfill.counts.albums += 1
        return missing.enumerated().compactMap { place, wanted in
            let job = backfill.plan.job(
                of: wanted.track, isOnlyOne: false, at: backfill.counts.tracks + place, now)
            return try? Admission.Item(index: place, job: job)
        }
    }

    private func isInLibrary(_ wanted: WantedTrack, _ db: Database) throws -> Bool {
        let statement = try db.cachedStatement(
            sql: "SELECT EXISTS (SELECT 1 FROM backfill_tracks WHERE backfill = ? AND key = ?)")
        return try wanted.keys.contains { try Bool.fetchOne(statement, arguments: [backfill.number, $0]) ?? false }
    }
}
