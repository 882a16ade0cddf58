/// The durations of operations in slskd and its peers. ``speedUp`` shortens all of them.
///
/// Durations are in simulated time, with the defaults of slskd. The order of events does not depend on the factor,
/// because the speeds of peers, the timeouts of searches and all waits are scaled together.
public struct FakeTiming: Sendable {
    /// The number of simulated seconds in one real second.
    public var speedUp: Double
    /// The duration of a search request, during which no other one is accepted.
    public var searchPosting: Duration = .milliseconds(50)
    /// From the end of a search until its responses and `endedAt` are stored.
    public var searchStoring: Duration = .milliseconds(200)
    /// The duration of the connection to a peer.
    public var connecting: Duration = .milliseconds(200)
    /// The duration until an unreachable peer is detected.
    public var unreachable: Duration = .seconds(15)
    /// From the request until the peer has queued it.
    public var requesting: Duration = .milliseconds(100)
    /// From the start by the peer to the first byte.
    public var initializing: Duration = .milliseconds(100)
    /// Between two updates of the transferred bytes.
    public var progress: Duration = .milliseconds(250)
    /// From `Completed, Succeeded` until the file is in its folder.
    public var moving: Duration = .milliseconds(200)
    /// From a DELETE to `Completed, Cancelled`.
    public var cancelling: Duration = .milliseconds(100)
    /// The timeout of the first response of a peer.
    public var responding: Duration = .seconds(15)
    /// The inactivity timeout of a transfer; `nil` for the default of the version.
    public var inactivity: Duration?
    /// The timeout of the acknowledgement of a transfer.
    public var acknowledging: Duration = .seconds(180)
    /// The longest first delay before an automatic retry. It doubles up to one minute.
    public var retrying: Duration = .seconds(5)
    /// From a start or a reconnection to the login.
    public var login: Duration = .seconds(1)

    public init(speedUp: Double = 1) { self.speedUp = speedUp }

    /// Converts simulated time to real time.
    public func scaled(_ duration: Duration) -> Duration { duration / speedUp }

    func retryWait(before attempt: Int) -> Duration {
        let least = attempt <= 2 ? 0 : 1 << min(attempt - 3, 8)
        let most = attempt <= 2 ? 1 : least * 2
        return min(retrying * Double.random(in: Double(least)...Double(most)), .seconds(60))
    }
}

extension Duration {
    var milliseconds: Int64 { components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000 }
    var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}
