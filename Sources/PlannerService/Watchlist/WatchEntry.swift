import Contracts
import Databases
import GRDB

/// A watched artist or playlist.
@dynamicMemberLookup
struct WatchEntry: TaskRow, Equatable {
    static let table = TaskTable.watchlist

    let number: Int64
    let id: JobID
    /// `spotify:<id>` for an artist, `spotify:playlist:<id>`, `spotify:saved`.
    let key: String
    let link: CatalogueLink
    var terms: WatchTerms
    var isPaused: Bool
    var pauseReason: String?
    var resumeAt: Timestamp?
    var progress: WatchProgress
    let step: Int
    let pending: PendingStep<WatchProgress>?
    let createdAt: Timestamp
    let updatedAt: Timestamp

    init(_ row: Row) throws {
        number = try row.value("number")
        id = try row.jobID("watch_id")
        key = try row.value("artist_key")
        link = try row.link("link")
        terms = try row.json("terms")
        isPaused = try row.value("paused")
        pauseReason = try row.optionalValue("pause_reason")
        resumeAt = try row.optionalTime("resume_at")
        progress = WatchProgress(
            run: try row.optionalJSON("run"), lastRun: try row.optionalJSON("last_run"),
            runs: try row.value("runs"), snapshot: try row.optionalValue("snapshot"), problem: try row.problem(),
            failures: try row.value("failures"), dueAt: try row.time("due_at"))
        step = try row.value("step")
        pending = try row.optionalJSON("pending")
        createdAt = try row.time("created_at")
        updatedAt = try row.time("updated_at")
    }

    subscript<Value>(dynamicMember path: WritableKeyPath<WatchProgress, Value>) -> Value {
        get { progress[keyPath: path] }
        set { progress[keyPath: path] = newValue }
    }

    /// A pause applies to the next step; a step that is under way is committed.
    var isSuspended: Bool { false }

    /// The earliest start of the next check.
    func earliestCheck(at now: Timestamp) -> Timestamp {
        guard let last = progress.run?.startedAt ?? progress.lastRun?.startedAt else { return now }
        return max(now, last + .seconds(terms.cooldown))
    }

    /// The present check, or a new one.
    func presentRun(at now: Timestamp) -> WatchRun {
        progress.run ?? WatchRun(batchID: "watchlist-\(number)-\(progress.runs + 1)", startedAt: now)
    }

    /// What the jobs of a check have in common.
    func plan(of run: WatchRun) -> JobPlan {
        var plan = JobPlan(batchID: run.batchID, kind: .watchlist, priority: terms.priority)
        plan.requestedBy = terms.requestedBy
        return plan
    }

    func remember(_ seen: [String], _ after: WatchProgress, at now: Timestamp, _ db: Database) throws {
        try WatchMemory(watch: number).add(seen, db)
        try PlannerStore.endPause(of: number, at: now, db)
    }
}

/// What the steps of a check change.
struct WatchProgress: TaskProgress {
    /// The present check; `nil` between checks.
    var run: WatchRun?
    /// The last check that ended.
    var lastRun: WatchRun?
    /// How many checks have ended.
    var runs = 0
    /// The version of a playlist's content when it was last read to its end.
    var snapshot: String?
    var problem: TaskProblem?
    /// Attempts in a row that failed.
    var failures = 0
    /// When the next check, or the next step of the present one, is due.
    var dueAt: Timestamp

    func columns(at now: Timestamp) throws -> [(name: String, value: (any DatabaseValueConvertible)?)] {
        [
            ("run", try run.map { try ContractCoding.encode($0) }),
            ("last_run", try lastRun.map { try ContractCoding.encode($0) }), ("runs", runs), ("snapshot", snapshot),
            ("code", problem?.code), ("message", problem?.message), ("failures", failures),
            ("due_at", dueAt.milliseconds),
        ]
    }

    mutating func count(_ admitted: AdmittedCounts) {
        // The step that is pending may end the check.
        if run != nil { run?.counts.add(admitted) } else { lastRun?.counts.add(admitted) }
    }

    /// Ends the present check.
    /// - Parameter interval: from the start of this check to the start of the next one.
    mutating func endRun(at now: Timestamp, interval: Duration) {
        guard var ended = run else { return }
        ended.endedAt = now
        ended.releases = []
        ended.knownReleases = []
        // A check that failed did not remember every release that it listed.
        if ended.hasFailed, lastRun?.listsAgain == true { ended.listsAgain = true }
        if !ended.isIncomplete { snapshot = ended.snapshot }
        lastRun = ended
        run = nil
        runs += 1
        dueAt = max(now, ended.startedAt + interval)
    }

    /// Ends the present check because of a problem. The next check reads everything that this one did not.
    mutating func failRun(_ problem: TaskProblem, at now: Timestamp, interval: Duration) {
        let runs = runs
        run?.hasFailed = true
        endRun(at: now, interval: interval)
        self.runs = runs
        self.problem = problem
        failures = 0
    }
}
