/// Pauses that double up to a limit, each with jitter, so that many clients do not come back at once.
struct Backoff {
    let first: Duration
    let longest: Duration
    private var failures = 0

    init(first: Duration, longest: Duration) {
        self.first = first
        self.longest = longest
    }

    mutating func next() -> Duration {
        defer { failures += 1 }
        return Self.delay(first: first, longest: longest, failures: failures)
    }

    mutating func reset() { failures = 0 }

    /// Between half and the whole of the doubled pause.
    static func delay(first: Duration, longest: Duration, failures: Int) -> Duration {
        let whole = min(longest, first * (1 << min(failures, 16)))
        return whole * Double.random(in: 0.5...1)
    }
}
