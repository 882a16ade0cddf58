/// How long things take at slskd and at its peers; ``speedUp`` lets the same hour pass in less time.
///
/// All durations are those of the simulated world, with slskd's own as defaults. The order of things does not change
/// with the factor: peers' speeds, the timeouts of searches and all waits shrink together.
public struct FakeTiming: Sendable {
    /// How many seconds of the simulated world pass in one real second.
    public var speedUp: Double
    /// A search's POST holds the gate for that long.
    public var searchPosting: Duration = .milliseconds(50)
    /// From a search's end to the moment when its responses and `endedAt` are stored.
    public var searchStoring: Duration = .milliseconds(200)
    /// What an enqueue needs to reach a peer.
    public var connecting: Duration = .milliseconds(200)
    /// What it takes to find out that a peer cannot be reached.
    public var unreachable: Duration = .seconds(15)
    /// From the request to the peer's "queued".
    public var requesting: Duration = .milliseconds(100)
    /// From the peer's go to the first byte.
    public var initializing: Duration = .milliseconds(100)
    /// Between two updates of a transfer's bytes.
    public var progress: Duration = .milliseconds(250)
    /// From `Completed, Succeeded` to the file in its place.
    public var moving: Duration = .milliseconds(200)
    /// From a DELETE to `Completed, Cancelled`.
    public var cancelling: Duration = .milliseconds(100)
    /// How long a peer may leave a request unanswered.
    public var answering: Duration = .seconds(15)
    /// How long a transfer may stand still; `nil` means the version's own.
    public var inactivity: Duration?
    /// How long a transfer may stay unacknowledged.
    public var acknowledging: Duration = .seconds(180)
    /// The longest first wait before an automatic retry; it doubles, and is never longer than a minute.
    public var retrying: Duration = .seconds(5)
    /// From a start or a reconnection to the login.
    public var login: Duration = .seconds(1)

    public init(speedUp: Double = 1) { self.speedUp = speedUp }

    /// A duration of the simulated world as real time.
    public func scaled(_ duration: Duration) -> Duration { duration / speedUp }

    func retryWait(before attempt: Int) -> Duration {
        let least = attempt <= 2 ? 0 : 1 << min(attempt - 3, 8)
        let most = attempt <= 2 ? 1 : least * 2
        return min(retrying * Double.random(in: Double(least)...Double(most)), .seconds(60))
    }
}
