/// Decides from the observed states of a search at slskd how long to wait for it, and whether its result is conclusive.
struct SlskdWatch {
    enum Step: Equatable {
        case wait
        /// The search has run long enough: stop it and use its responses.
        case stop
        case ended(SlskdSearch)
    }

    private let limits: SlskdSearchLimits
    private let began: ContinuousClock.Instant
    private var ranSince: ContinuousClock.Instant?
    private var wasStopped = false
    private var wasAway = false
    private var pause = Duration.milliseconds(100)

    init(_ limits: SlskdSearchLimits, now: ContinuousClock.Instant = .now) {
        self.limits = limits
        began = now
    }

    /// Returns the pause before the next poll. It grows, because most searches end only after the quiet time.
    mutating func nextPause() -> Duration {
        defer { pause = min(pause * 2, .milliseconds(800)) }
        return pause
    }

    /// - Throws: ``SlskdError`` `timedOut` for a search that does not end.
    mutating func observe(_ search: SlskdSearch, now: ContinuousClock.Instant = .now) throws(SlskdError) -> Step {
        if search.isStored { return .ended(search) }
        guard now < began + limits.longestWait else {
            throw SlskdError(.timedOut, "a search at slskd does not end; check whether many searches are queued there")
        }
        // Time in slskd's queue does not count.
        if ranSince == nil, !search.isQueued { ranSince = now }
        guard let ranSince, now >= ranSince + limits.longest, search.ending == nil, !wasStopped else { return .wait }
        wasStopped = true
        return .stop
    }

    /// Records that slskd did not respond.
    /// - Throws: The error, when slskd has not responded for too long.
    mutating func observe(failure error: SlskdError, now: ContinuousClock.Instant = .now) throws(SlskdError) {
        wasAway = true
        guard now < began + limits.longest + limits.quietTime else { throw error }
    }

    /// Checks whether an end without responses proves that no peer has the file.
    /// - Throws: ``SlskdError`` `unavailable` when it does not.
    func check(_ search: SlskdSearch) throws(SlskdError) {
        switch search.ending {
        case .errored:
            throw SlskdError(.unavailable, "slskd lost the Soulseek network during a search")
        case .cancelled where !wasStopped && search.responseCount == 0:
            throw SlskdError(.unavailable, "another client stopped a search at slskd")
        case .timedOut where wasAway && search.responseCount == 0:
            // A restart of slskd ends searches in this way.
            throw SlskdError(.unavailable, "slskd was unavailable during a search")
        default: break
        }
    }
}

extension SlskdSearchLimits {
    /// The longest wait, including the time in slskd's queue: slskd runs two searches at a time.
    var longestWait: Duration { longest * 4 + quietTime }

    /// The time after which no process waits for a search, with tolerance for clocks that differ.
    var lifetime: Duration { longestWait + busyPatience + .seconds(180) }
}
