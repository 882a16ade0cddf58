import Contracts
import GRDB
import Metadata

/// A piece of a look on its way into the database.
struct WatchStep {
    var entry: WatchEntry
    var run: WatchRun
    let now: Timestamp
    /// The tracks that become jobs.
    private(set) var items: [Admission.Item] = []

    init(_ entry: WatchEntry, _ run: WatchRun, at now: Timestamp) {
        self.entry = entry
        self.run = run
        self.now = now
    }

    /// The first look tells what is there, and takes nothing of it that is older than the watching.
    private var isBaseline: Bool { entry.runs == 0 && !entry.terms.backlog }

    /// What the jobs of this look have in common.
    var plan: ExpansionPlan {
        var plan = ExpansionPlan(batchID: run.batchID, kind: .watchlist, priority: entry.terms.priority)
        plan.requestedBy = entry.terms.requestedBy
        return plan
    }

    private var isSpent: Bool { run.counts.wanted + items.count >= entry.terms.budget }

    /// Takes a page in.
    /// - Returns: whether the look goes on.
    mutating func take(_ page: WatchPage, _ db: Database) throws -> Bool {
        run.snapshot = page.snapshot ?? run.snapshot
        switch page.content {
        case .unchanged:
            run.snapshot = entry.snapshot
            return false
        case .releases(let releases): return try list(releases, page.next, db)
        case .tracks(let tracks, let release): return try take(tracks, of: release, db)
        case .entries(let entries):
            let hasNews = try take(entries, db)
            run.offset = page.next ?? run.offset
            return page.next != nil && !run.isCut && (hasNews || !page.isNewestFirst || isBaseline)
        }
    }

    /// Counts what the jobs became.
    mutating func count(_ answers: [SubmissionResponse.Item]) {
        func count(_ status: SubmissionResponse.Status) -> Int { answers.count { $0.status == status } }
        run.counts.enqueued += count(.enqueued)
        run.counts.alreadyEnqueued += count(.alreadyEnqueued)
        run.counts.alreadyProcessed += count(.alreadyProcessed)
    }
}

// MARK: - Artists

extension WatchStep {
    private mutating func list(_ releases: [CatalogueAlbum], _ next: Int?, _ db: Database) throws -> Bool {
        run.counts.read += releases.count
        var news: [CatalogueAlbum] = []
        for release in releases where try !seen.hasAny(of: release.releaseKeys, db) {
            if isBaseline, !release.mayBeSince(entry.terms.since) {
                try seen.add(release.releaseKeys, db)
            } else if release.id != nil {
                news.append(release)
            }
        }
        run.releases = ReleaseList(run.releases).adding(news)
        if let next {
            run.offset = next
        } else {
            run.isListed = true
            run.releases = ReleaseList(run.releases).albumsFirst
        }
        return next != nil || !run.releases.isEmpty
    }

    /// A release is seen when all of its tracks are; what the budget leaves is found again by the next look.
    private mutating func take(_ tracks: [CatalogueTrack], of release: CatalogueAlbum, _ db: Database) throws -> Bool {
        for track in tracks where try !take(.track(track), ignoresAlbum: true, db) {
            run.isCut = true
            return false
        }
        try seen.add(release.releaseKeys, db)
        run.releases.removeFirst()
        return !run.releases.isEmpty
    }
}

// MARK: - Tracks

extension WatchStep {
    private var seen: WatchMemory { WatchMemory(watch: entry.number) }

    /// - Returns: whether there was anything new.
    private mutating func take(_ entries: [CatalogueEntry], _ db: Database) throws -> Bool {
        let before = items.count
        for entry in entries {
            run.counts.read += 1
            guard try take(entry, ignoresAlbum: false, db) else {
                run.isCut = true
                break
            }
        }
        return items.count > before
    }

    /// - Returns: `false` when it is new and the budget is spent.
    private mutating func take(_ track: CatalogueEntry, ignoresAlbum: Bool, _ db: Database) throws -> Bool {
        switch WantedTrack.of(track, in: entry.link.catalogue, ignoresAlbum: ignoresAlbum) {
        case .failure(let reason):
            run.counts.skip(reason)
        case .success(let wanted):
            let keys = wanted.keys.map { "track:\($0)" }
            // Told again, so that all keys of a track are known.
            let isNew = try !seen.hasAny(of: keys, db)
            if isNew, ignoresAlbum || !isBaseline {
                guard !isSpent else { return false }
                try add(wanted)
            }
            try seen.add(keys, db)
        }
        return true
    }

    private mutating func add(_ wanted: WantedTrack) throws {
        let place = run.counts.wanted + items.count
        let job = plan.job(of: wanted.track, isOnlyOne: false, at: place, now)
        do {
            items.append(try Admission.Item(index: place, job: job))
        } catch is ContractViolation {
            run.counts.skip(.unnamed)
        }
    }
}

/// What was found of a watched artist or playlist before.
struct WatchMemory {
    /// The number of the entry.
    let watch: Int64

    func hasAny(of keys: [String], _ db: Database) throws -> Bool {
        let statement = try db.cachedStatement(
            sql: "SELECT EXISTS (SELECT 1 FROM watchlist_seen WHERE watch = ? AND key = ?)")
        return try keys.contains { try Bool.fetchOne(statement, arguments: [watch, $0]) ?? false }
    }

    func add(_ keys: [String], _ db: Database) throws {
        let statement = try db.cachedStatement(
            sql: "INSERT INTO watchlist_seen (watch, key) VALUES (?, ?) ON CONFLICT DO NOTHING")
        for key in keys { try statement.execute(arguments: [watch, key]) }
    }
}
