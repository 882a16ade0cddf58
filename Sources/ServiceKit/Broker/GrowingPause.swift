/// The pauses between the attempts at something that fails: each is about twice as long as the one before.
public struct GrowingPause: Sendable {
    private let longest: Duration
    private var present: Duration

    public init(from first: Duration, to longest: Duration) {
        self.longest = longest
        present = min(first, longest)
    }

    /// Returns the next pause, shortened by up to a half at random, so that callers that failed together do not try again
    /// together.
    public mutating func next() -> Duration {
        defer { present = min(present * 2, longest) }
        return present * Double.random(in: 0.5...1)
    }
}
