/// How a provider is asked: how long, how often and how many requests of this process at once.
public struct ProviderLimits: Sendable, Equatable {
    /// Of one request.
    public var timeout: Duration = .seconds(15)
    /// Further attempts after a failure of the provider itself; each counts in the budget.
    public var retries = 2
    /// Before the first further attempt; doubles.
    public var retryBase: Duration = .milliseconds(500)
    /// The share of a pause that is left to chance, 0 … 1.
    public var jitter = 0.2
    /// Requests at once; further ones wait.
    public var concurrency = 4
    /// Failures in a row after which the provider is left alone for ``circuitPause``.
    public var circuitFailures = 5
    public var circuitPause: Duration = .seconds(30)

    public init() {}

    /// Reads `PROVIDER_<NAME>_…`.
    ///
    /// - Parameters:
    ///   - provider: its name, such as `spotify`.
    ///   - integer: a setting, with its default, in a range.
    /// - Throws: what `integer` throws.
    public init(_ provider: String, integer: (String, Int, ClosedRange<Int>) throws -> Int) throws {
        let name = "PROVIDER_\(provider.uppercased())_"
        // A request ends within the lease of a budget's permit, which is a minute.
        timeout = .milliseconds(try integer(name + "TIMEOUT_MS", 15_000, 500...45_000))
        retries = try integer(name + "RETRY_MAX", retries, 0...10)
        retryBase = .milliseconds(try integer(name + "RETRY_BASE_MS", 500, 10...10_000))
        jitter = Double(try integer(name + "JITTER_PCT", 20, 0...100)) / 100
        concurrency = try integer(name + "CONCURRENCY_REQUESTS", concurrency, 1...64)
        circuitFailures = try integer(name + "CIRCUIT_FAILURES", circuitFailures, 1...100)
        circuitPause = .seconds(try integer(name + "CIRCUIT_PAUSE_S", 30, 1...600))
    }
}
