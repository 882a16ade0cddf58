import Catalogues
import Contracts
import GRDB

/// Computes what a page changes in a backfill: the items, the counts and the next position.
struct BackfillStep {
    private let backfill: Backfill
    private let catalogue: CatalogueLink.Catalogue
    private let limits: PlannerLimits
    private let now: Timestamp
    private var after: BackfillProgress
    private var draft: SubmissionDraft
    /// Keys of the library's tracks and albums.
    private var seen: [String] = []

    init(_ backfill: Backfill, _ catalogue: CatalogueLink.Catalogue, _ limits: PlannerLimits, at now: Timestamp) {
        self.backfill = backfill
        self.catalogue = catalogue
        self.limits = limits
        self.now = now
        after = backfill.progress
        draft = SubmissionDraft(backfill.plan.submission(isOnlyTrack: false), limits)
    }

    mutating func plan(_ page: BackfillPage, _ db: Database) throws -> StepPlan<BackfillProgress> {
        after.state = .running
        after.failures = 0
        after.problem = nil
        after.dueAt = now
        switch page.content {
        case .files(let files, let isLastPage): add(files, isLastPage: isLastPage)
        case .jobs(let jobs, let next): try add(jobs, next: next)
        case .album(let tracks, let number):
            after.cursor.number = number
            try addMissing(of: tracks, db)
        case .nothing: endPhase()
        }
        return StepPlan(after: after, seen: seen, submissions: try draft.encoded())
    }

    private mutating func endPhase() {
        let hasBudget = after.counts.processed < after.counts.requested
        if !after.cursor.beginNextPhase(hasBudget: hasBudget) { after.state = .completed }
    }

    private mutating func add(_ files: [BackfillPage.File], isLastPage: Bool) {
        for file in files {
            after.counts.processed += 1
            after.counts.asked += file.wasAsked ? 1 : 0
            after.counts.known += file.wasAsked || file.file.track == nil ? 0 : 1
            after.counts.matched += file.wasFound ? 1 : 0
            guard let track = file.file.track else { continue }
            seen += LibraryMemory.keys(of: track)
            if let album = file.file.albumLink { seen.append(LibraryMemory.albumKey(album)) }
        }
        after.cursor.advance(past: files.last?.file.path, isLastPage: isLastPage)
        if after.cursor.hasReadFiles { endPhase() }
    }

    private mutating func add(_ jobs: [BackfillPage.UnmatchedJob], next: Int64?) throws {
        for job in jobs { try add(job) }
        // The phase ends with the next step: responses to this one's submissions count for the jobs.
        after.cursor.advance(pastJob: jobs.last?.number, next: next)
    }

    /// Submits a job again with what the catalogue contains, under its own dedupe key.
    private mutating func add(_ unmatched: BackfillPage.UnmatchedJob) throws {
        after.counts.processed += 1
        after.counts.asked += 1
        guard let metadata = unmatched.metadata, metadata.track != unmatched.job.track else { return }
        after.counts.matched += 1
        var item = SubmissionItem(track: metadata.track)
        item.requestedBy = unmatched.job.requestedBy
        item.dedupeKey = unmatched.job.dedupeKey
        item.force = unmatched.job.force
        item.priority = JobKind.backfill.defaultPriority
        item.metadata = metadata
        // An item that is too large is left as it ended.
        _ = try draft.append(item)
    }

    /// Requests the tracks that the library lacks, of an album of which it has at least half.
    private mutating func addMissing(of tracks: [CatalogueTrack], _ db: Database) throws {
        let wanted = tracks.compactMap { track in
            try? WantedTrack.of(.track(track), in: catalogue, ignoresAlbum: true).get()
        }
        let memory = LibraryMemory(backfill: backfill.number)
        let missing = try wanted.filter { try !memory.containsAny(of: $0.keys, db) }
        guard !missing.isEmpty, missing.count * 2 <= wanted.count else { return }
        after.counts.albums += 1
        for track in missing {
            let position = after.counts.tracks + draft.count
            _ = try draft.append(backfill.plan.item(of: track, isOnlyTrack: false, at: position, now: now))
        }
    }
}
