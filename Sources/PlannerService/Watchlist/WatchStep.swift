import Catalogues
import Contracts
import GRDB

/// Computes what a page changes in a check: the items, the counts and the next position.
struct WatchStep {
    private let entry: WatchEntry
    private let limits: PlannerLimits
    private let now: Timestamp
    private let interval: Duration
    private var run: WatchRun
    private var draft: SubmissionDraft
    /// Keys of what this step found.
    private var found: [String] = []
    private var foundSet: Set<String> = []

    /// - Parameter interval: from the start of this check to the start of the next one.
    init(_ entry: WatchEntry, _ limits: PlannerLimits, interval: Duration, at now: Timestamp) {
        self.entry = entry
        self.limits = limits
        self.now = now
        self.interval = interval
        run = entry.presentRun(at: now)
        draft = SubmissionDraft(entry.plan(of: run).submission(isOnlyTrack: false), maxItems: limits.maxItems)
    }

    /// Whether this is the first check, which submits only what is recent.
    private var isFirst: Bool { entry.runs == 0 && !entry.terms.backlog }

    private var memory: WatchMemory { WatchMemory(watch: entry.number) }

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
        if let next, !ReleaseList(run.releases).isFull, !ReleaseList(run.knownReleases).isFull {
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

// MARK: - Tracks

extension WatchStep {
    private func wanted(_ entry: CatalogueEntry, ignoresAlbum: Bool) -> Result<WantedTrack, SkipReason> {
        WantedTrack.of(entry, in: self.entry.link.catalogue, ignoresAlbum: ignoresAlbum)
    }

    private mutating func find(_ keys: [String]) {
        found += keys
        foundSet.formUnion(keys)
    }

    private func isKnown(_ keys: [String], _ db: Database) throws -> Bool {
        if !foundSet.isDisjoint(with: keys) { return true }
        return try memory.containsAny(of: keys, db)
    }

    /// - Returns: whether a track was submitted.
    private mutating func add(_ entries: [CatalogueEntry], _ db: Database) throws -> Bool {
        let before = draft.count
        for entry in entries {
            run.counts.read += 1
            guard try add(entry, ignoresAlbum: false, db) else {
                run.isCut = true
                break
            }
        }
        return draft.count > before
    }

    /// - Returns: `false` when the track is new and the budget is spent.
    private mutating func add(_ track: CatalogueEntry, ignoresAlbum: Bool, _ db: Database) throws -> Bool {
        switch wanted(track, ignoresAlbum: ignoresAlbum) {
        case .failure(let reason):
            run.counts.skip(reason)
        case .success(let wanted):
            let isNew = try !isKnown(wanted.trackKeys, db)
            if isNew, ignoresAlbum || !isFirst {
                guard run.counts.submitted + draft.count < entry.terms.budget else { return false }
                try append(wanted)
            }
            // Also of a known track, so that all its keys are remembered.
            find(wanted.trackKeys)
        }
        return true
    }

    private mutating func append(_ wanted: WantedTrack) throws {
        let item = entry.plan(of: run).item(
            of: wanted, isOnlyTrack: false, at: run.counts.submitted + draft.count, now: now)
        if try !draft.append(item) { run.counts.skip(.unnamed) }
    }
}

extension WantedTrack {
    fileprivate var trackKeys: [String] { keys.map { "track:\($0)" } }
}

extension CatalogueAlbum {
    /// Keys that record that the tracks of the release were remembered.
    fileprivate var readKeys: [String] { releaseKeys.map { "read:\($0)" } }
}
