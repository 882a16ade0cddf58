/// Decides when a census is due: after the broker had fewer messages than the gateway has active jobs for a time, and
/// once a day.
struct SweepPatience: Sendable, Equatable {
    /// The time between two censuses without a reason.
    static let day: Duration = .seconds(86_400)

    let patience: Duration
    private(set) var fewerSince: ContinuousClock.Instant?

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

    mutating func reset() { fewerSince = nil }
}
