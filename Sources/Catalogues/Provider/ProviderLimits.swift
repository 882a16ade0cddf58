/// The timeouts, retries and concurrency of requests to a provider.
public struct ProviderLimits: Sendable, Equatable {
    /// The timeout of one request.
    public var timeout: Duration = .seconds(15)
    /// Further attempts after a failure of the provider. Each one takes a permit of the budget.
    public var retries = 2
    /// The pause before the first further attempt; it doubles with each one.
    public var retryBase: Duration = .milliseconds(500)
    /// The random share of a pause, 0 … 1.
    public var jitter = 0.2
    /// Concurrent requests of this process. Further ones wait.
    public var concurrency = 4
    /// Consecutive failures after which no requests are made for ``circuitPause``.
    public var circuitFailures = 5
    public var circuitPause: Duration = .seconds(30)

    public init() {}

    /// Reads `PROVIDER_<NAME>_…`.
    ///
    /// - Parameters:
    ///   - provider: The provider's name, such as `spotify`.
    ///   - integer: Returns the value of a setting, with a default, in a range.
    /// - Throws: What `integer` throws.
    public init(_ provider: String, integer: (String, Int, ClosedRange<Int>) throws -> Int) throws {
        let name = "PROVIDER_\(provider.uppercased())_"
        // A request must end within the lease of a permit, which is a minute.
        timeout = .milliseconds(try integer(name + "TIMEOUT_MS", 15_000, 500...45_000))
        retries = try integer(name + "RETRY_MAX", retries, 0...10)
        retryBase = .milliseconds(try integer(name + "RETRY_BASE_MS", 500, 10...10_000))
        jitter = Double(try integer(name + "JITTER_PCT", 20, 0...100)) / 100
        concurrency = try integer(name + "CONCURRENCY_REQUESTS", concurrency, 1...64)
        circuitFailures = try integer(name + "CIRCUIT_FAILURES", circuitFailures, 1...100)
        circuitPause = .seconds(try integer(name + "CIRCUIT_PAUSE_S", 30, 1...600))
    }
}
