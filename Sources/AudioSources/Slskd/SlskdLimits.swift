/// How slskd is asked: how long, how often and how many requests at once.
public struct SlskdLimits: Sendable, Equatable {
    /// Of one request.
    public var timeout: Duration = .seconds(15)
    /// Of a request in the course of which slskd connects to a peer; at least ``timeout``.
    public var peerTimeout: Duration = .seconds(40)
    /// Further attempts of a request that may be repeated.
    public var retries = 2
    /// Before the first further attempt, and after a 429; doubles.
    public var retryBase: Duration = .milliseconds(500)
    /// The share of a pause that is left to chance, 0 … 1.
    public var jitter = 0.2
    /// Requests at once; further ones wait.
    public var concurrency = 8
    /// Failures of slskd itself in a row after which it is left alone for ``circuitPause``.
    public var circuitFailures = 5
    public var circuitPause: Duration = .seconds(15)

    public init() {}
}
