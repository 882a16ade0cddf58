/// Decides when a census is due: after the broker had fewer messages than the gateway has active jobs for a time, and
/// once a day.
struct SweepPatience: Sendable, Equatable {
    /// The time between two censuses without a reason.
    static let day: Duration = .seconds(86_400)

    let patience: Duration
    private(set) var fewerSince: ContinuousClock.Instant?
    /// Censuses without a result since the last one that had one.
    private var failures = 0
    /// No census is made before.
    private var next: ContinuousClock.Instant?

    /// The longest pause after a census without a result.
    private static let longestPause: Duration = .seconds(21_600)

    init(patience: Duration) { self.patience = patience }

    /// Records a comparison.
    /// - Parameters:
    ///   - active: the jobs that must have a message in the broker.
    ///   - found: the messages in queues and in the hands of services; `nil` while that is not known.
    mutating func compare(active: Int, found: Int?, at time: ContinuousClock.Instant) {
        guard let found, found < active else {
            if found != nil { fewerSince = nil }
            return
        }
        fewerSince = fewerSince ?? time
    }

    /// Whether the broker had fewer messages for the whole patience.
    func isOver(at time: ContinuousClock.Instant) -> Bool {
        fewerSince.map { $0.duration(to: time) >= patience } ?? false
    }

    /// Whether enough time has passed since a census that had no result. Each one pauses the stages for nothing, so that
    /// the time doubles, beginning with the patience.
    func allowsCensus(at time: ContinuousClock.Instant) -> Bool { next.map { $0 <= time } ?? true }

    /// Forgets the earlier comparisons.
    mutating func reset() { fewerSince = nil }

    /// Records a census.
    /// - Parameter isComplete: whether it had a result.
    mutating func recordCensus(isComplete: Bool, at time: ContinuousClock.Instant) {
        reset()
        failures = isComplete ? 0 : failures + 1
        let longest = max(patience, Self.longestPause)
        next = isComplete ? nil : time + min(longest, patience * (1 << min(failures - 1, 16)))
    }
}
