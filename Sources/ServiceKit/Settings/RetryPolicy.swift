import Contracts

/// How often a stage attempts a job, and the pauses between the attempts.
public struct RetryPolicy: Sendable, Equatable {
    /// The number of attempts, including the first. `RETRY_<STAGE>_MAX_ATTEMPTS`, else `RETRY_MAX_ATTEMPTS`, default 5.
    public var maxAttempts: Int
    /// The pause after the first attempt; later ones double. `RETRY_<STAGE>_BASE_SECONDS`, else `RETRY_BASE_SECONDS`, default 5.
    public var base: Duration
    /// The share by which a pause may be longer or shorter. `RETRY_<STAGE>_JITTER_PCT`, else `RETRY_JITTER_PCT`, in per
    /// cent, default 20. A value up to 1 is read as a share.
    public var jitter: Double

    /// The longest pause that a provider can request.
    static let longestFloor: Duration = .seconds(7 * 86_400)

    public init(maxAttempts: Int = 5, base: Duration = .seconds(5), jitter: Double = 0.2) {
        self.maxAttempts = maxAttempts
        self.base = base
        self.jitter = jitter
    }

    init(_ settings: Settings, for stage: Stage) throws(SettingsError) {
        let own = "RETRY_\(stage.rawValue.uppercased())_"
        func name(_ setting: String) -> String {
            settings.text(own + setting) == nil ? "RETRY_" + setting : own + setting
        }
        maxAttempts = try settings.integer(name("MAX_ATTEMPTS"), default: 5, in: 1...100)
        let seconds = try settings.number(name("BASE_SECONDS"), default: 5, in: 0...21_600)
        base = .milliseconds(Int64(seconds * 1000))
        let jitter = try settings.number(name("JITTER_PCT"), default: 20, in: 0...100)
        self.jitter = jitter > 1 ? jitter / 100 : jitter
    }

    /// Whether another attempt is allowed after `attempt` failed ones.
    public func allowsAnother(after attempt: Int) -> Bool { attempt < maxAttempts }

    /// Returns the pause after a failed attempt: doubling with jitter, up to six hours.
    /// - Parameter floor: the shortest pause that a provider requested (`Retry-After`); up to a week is honoured.
    public func delay(after attempt: Int, atLeast floor: Duration? = nil) -> Duration {
        let whole = min(base * (1 << min(max(attempt, 1) - 1, 12)), RetryTier.h6.delay)
        let jittered = whole * Double.random(in: (1 - jitter)...(1 + jitter))
        return max(jittered, min(floor ?? .zero, Self.longestFloor))
    }
}
