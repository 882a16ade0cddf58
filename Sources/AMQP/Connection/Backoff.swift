/// Computes pauses that double up to a limit. Jitter prevents many clients from reconnecting at the same time.
struct Backoff {
    let first: Duration
    let longest: Duration
    private var failures = 0

    init(first: Duration, longest: Duration) {
        self.first = first
        self.longest = longest
    }

    /// Returns the pause after one more failure: between half and all of the doubled pause.
    mutating func next() -> Duration {
        let pause = min(longest, first * (1 << min(failures, 16)))
        failures += 1
        return pause * Double.random(in: 0.5...1)
    }

    mutating func reset() { failures = 0 }
}
