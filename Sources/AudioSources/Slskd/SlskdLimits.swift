import ServiceKit

/// How long, how often and how concurrently requests are sent to slskd.
public struct SlskdLimits: Sendable, Equatable {
    /// The timeout of one request.
    public var timeout: Duration = .seconds(15)
    /// The timeout of a request during which slskd connects to a peer; at least ``timeout``.
    public var peerTimeout: Duration = .seconds(40)
    /// Further attempts of a request that can be repeated.
    public var retries = 2
    /// The pause before the first further attempt and after a 429. It doubles each time.
    public var retryBase: Duration = .milliseconds(500)
    /// The random share of a pause, 0 … 1.
    public var jitter = 0.2
    /// Concurrent requests; further ones wait.
    public var concurrency = 8
    /// Consecutive failures of slskd itself after which no request is sent for ``circuitPause``.
    public var circuitFailures = 5
    public var circuitPause: Duration = .seconds(15)

    public init() {}
}

extension SlskdLimits {
    // A request must end before the lease of a budget permit, which is a minute.
    private static let timeout = IntegerSetting(
        "PROVIDER_SLSKD_TIMEOUT_MS", default: 15_000, in: 500...45_000, "milliseconds that a request to slskd may take")
    private static let retries = IntegerSetting(
        "PROVIDER_SLSKD_RETRY_MAX", default: 2, in: 0...10, "further attempts of a request that can be repeated")
    private static let retryBase = IntegerSetting(
        "PROVIDER_SLSKD_RETRY_BASE_MS", default: 500, in: 10...10_000,
        "milliseconds before the first further attempt, and after a response that slskd is busy; doubles each time")
    private static let jitter = IntegerSetting(
        "PROVIDER_SLSKD_JITTER_PCT", default: 20, in: 0...100, "random share of these pauses in percent")
    private static let concurrency = IntegerSetting(
        "PROVIDER_SLSKD_CONCURRENCY_REQUESTS", default: 8, in: 1...64, "concurrent requests of one process to slskd")
    private static let circuitFailures = IntegerSetting(
        "PROVIDER_SLSKD_CIRCUIT_FAILURES", default: 5, in: 1...100,
        "consecutive failures of slskd itself after which requests to it pause")
    private static let circuitPause = IntegerSetting(
        "PROVIDER_SLSKD_CIRCUIT_PAUSE_S", default: 15, in: 1...600, "seconds of that pause")

    static let settings = [timeout, retries, retryBase, jitter, concurrency, circuitFailures, circuitPause]
        .map(\.documentation)

    init(_ settings: Settings) throws(SettingsError) {
        timeout = try Self.timeout.milliseconds(in: settings)
        retries = try Self.retries.value(in: settings)
        retryBase = try Self.retryBase.milliseconds(in: settings)
        jitter = Double(try Self.jitter.value(in: settings)) / 100
        concurrency = try Self.concurrency.value(in: settings)
        circuitFailures = try Self.circuitFailures.value(in: settings)
        circuitPause = try Self.circuitPause.seconds(in: settings)
    }
}
