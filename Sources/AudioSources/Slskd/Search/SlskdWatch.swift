/// Decides, from what is seen of a search at slskd, how long to go on with it and whether its end can be believed.
struct SlskdWatch {
    enum Step: Equatable {
        case goOn
        /// It has run long enough: what was found is taken.
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

    /// Before the next look: longer and longer, as most searches end after the quiet time.
    mutating func nextPause() -> Duration {
        defer { pause = min(pause * 2, .milliseconds(800)) }
        return pause
    }

    /// - Throws: ``SlskdError`` `timedOut` for a search that does not end.
    mutating func see(_ search: SlskdSearch, now: ContinuousClock.Instant = .now) throws(SlskdError) -> Step {
        if search.isStored { return .ended(search) }
        guard now < began + limits.longestWait else {
            throw SlskdError(.timedOut, "a search at slskd does not end; are many others waiting there?")
        }
        // The wait for others does not count.
        if ranSince == nil, !search.isQueued { ranSince = now }
        guard let ranSince, now >= ranSince + limits.longest, search.ending == nil, !wasStopped else { return .goOn }
        wasStopped = true
        return .stop
    }

    /// Notes that slskd did not answer.
    /// - Throws: the reason, when it has been going on for too long.
    mutating func miss(_ error: SlskdError, now: ContinuousClock.Instant = .now) throws(SlskdError) {
        wasAway = true
        guard now < began + limits.longest + limits.quietTime else { throw error }
    }

    /// Whether "nobody has it" may be concluded from an end without responses.
    /// - Throws: ``SlskdError`` `unavailable` when not.
    func check(_ search: SlskdSearch) throws(SlskdError) {
        switch search.ending {
        case .errored:
            throw SlskdError(.unavailable, "slskd lost the Soulseek network in the course of a search")
        case .cancelled where !wasStopped && search.responseCount == 0:
            throw SlskdError(.unavailable, "somebody stopped a search at slskd")
        case .timedOut where wasAway && search.responseCount == 0:
            // A restart ends searches like this.
            throw SlskdError(.unavailable, "slskd was away in the course of a search")
        default: break
        }
    }
}

extension SlskdSearchLimits {
    /// With the time in slskd's own queue: it runs two searches at once.
    var longestWait: Duration { longest * 4 + quietTime }

    /// After which nobody waits for a search any more, with room for clocks that differ.
    var lifetime: Duration { longestWait + busyPatience + .seconds(180) }
}
