/// How long a response to a submission may take. Grows while the gateway is away, so that repetitions do not fill the
/// broker.
struct ResponseInterval: Sendable {
    private static let growth = 2

    private let first: Duration
    private let longest: Duration
    /// The present interval.
    private(set) var current: Duration

    init(first: Duration, longest: Duration) {
        self.first = first
        self.longest = max(first, longest)
        current = first
    }

    /// Doubles the interval, up to the longest one.
    mutating func grow() { current = min(longest, current * Self.growth) }

    mutating func reset() { current = first }
}
