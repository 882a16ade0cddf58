import Catalogues
import Contracts
import GRDB

/// Computes what a page changes in a check: the items, the counts and the next position.
struct WatchStep {
    let entry: WatchEntry
    let limits: PlannerLimits
    let now: Timestamp
    private let interval: Duration
    var run: WatchRun
    var draft: SubmissionDraft
    /// Keys of what this step found.
    var found: [String] = []
    var foundSet: Set<String> = []

    /// - Parameter interval: from the start of this check to the start of the next one.
    init(_ entry: WatchEntry, _ limits: PlannerLimits, interval: Duration, at now: Timestamp) {
        self.entry = entry
        self.limits = limits
        self.now = now
        self.interval = interval
        run = entry.presentRun(at: now)
        draft = SubmissionDraft(entry.plan(of: run).submission(isOnlyTrack: false), limits)
    }

    /// Whether this is the first check, or one like it, which submits only what is recent.
    var isFirst: Bool { (entry.runs == 0 || entry.lastRun?.listsAgain == true) && !entry.terms.backlog }

    var memory: WatchMemory { WatchMemory(watch: entry.number) }

    mutating func plan(_ page: WatchPage, _ db: Database) throws -> StepPlan<WatchProgress> {
        let continues = try add(page, db)
        var after = entry.progress
        after.failures = 0
        after.problem = nil
        after.run = run
        after.dueAt = now
        if !continues { after.endRun(at: now, interval: interval) }
        return StepPlan(after: after, seen: found, submissions: try draft.encoded())
    }

    /// - Returns: whether the check continues.
    private mutating func add(_ page: WatchPage, _ db: Database) throws -> Bool {
        run.snapshot = page.snapshot ?? run.snapshot
        switch page.content {
        case .unchanged:
            run.snapshot = entry.snapshot
            return false
        case .releases(let releases): return try list(releases, page.next, db)
        case .tracks(let tracks, let release, let isKnown):
            return isKnown ? try remember(tracks, of: release, db) : try add(tracks, of: release, db)
        case .entries(let entries):
            let hasNews = try add(entries, db)
            run.offset = page.next ?? run.offset
            // After an incomplete check, new entries may follow entries that are known.
            let mayStop = page.isNewestFirst && !isFirst && entry.lastRun?.isIncomplete != true
            return page.next != nil && !run.isCut && (hasNews || !mayStop)
        }
    }
}

// MARK: - Artists

extension WatchStep {
    private mutating func list(_ releases: [CatalogueAlbum], _ next: Int?, _ db: Database) throws -> Bool {
        run.counts.read += releases.count
        var new: [CatalogueAlbum] = []
        var known: [CatalogueAlbum] = []
        for release in releases where release.id != nil {
            if try memory.containsAny(of: release.readKeys, db) { continue }
            let isKnown = try memory.containsAny(of: release.releaseKeys, db)
            if isKnown || isFirst && !release.mayBeSince(entry.terms.since) {
                known.append(release)
            } else {
                new.append(release)
            }
        }
        run.releases = ReleaseList(run.releases).adding(new)
        run.knownReleases = ReleaseList(run.knownReleases).adding(known)
        if let next {
            run.offset = next
            return true
        }
        run.isListed = true
        run.releases = ReleaseList(run.releases).albumsFirst
        return run.nextRelease != nil
    }

    /// Remembers the recordings of a known release, so that a later edition of it makes no jobs.
    private mutating func remember(
        _ tracks: [CatalogueTrack], of release: CatalogueAlbum, _ db: Database
    ) throws -> Bool {
        for track in tracks {
            guard case .success(let wanted) = wanted(.track(track), ignoresAlbum: true) else { continue }
            find(wanted.trackKeys)
        }
        find(release.releaseKeys + release.readKeys)
        run.knownReleases.removeFirst()
        return run.nextRelease != nil
    }

    /// A release is remembered when all its tracks are submitted. The next check finds the rest again.
    private mutating func add(_ tracks: [CatalogueTrack], of release: CatalogueAlbum, _ db: Database) throws -> Bool {
        for track in tracks where try !add(.track(track), ignoresAlbum: true, db) {
            run.isCut = true
            return false
        }
        find(release.releaseKeys + release.readKeys)
        run.releases.removeFirst()
        return run.nextRelease != nil
    }
}

extension CatalogueAlbum {
    /// Keys that record that the tracks of the release were remembered.
    fileprivate var readKeys: [String] { releaseKeys.map { "read:\($0)" } }
}
