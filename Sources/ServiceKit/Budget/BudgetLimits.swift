/// The limits of a provider for the requests of all processes together.
public struct BudgetLimits: Sendable, Equatable {
    /// The most requests in any span of ``window``; 0 means no limit.
    public var uses: Int
    public var window: Duration
    /// The shortest time between the starts of two requests.
    public var gap: Duration
    /// The most requests in flight at the same time; 0 means no limit.
    public var concurrent: Int
    /// When a request counts as ended whose process died. No request may take longer, as another one may start then.
    public var lease: Duration

    public init(
        uses: Int, window: Duration, gap: Duration = .zero, concurrent: Int = 0, lease: Duration = .seconds(60)
    ) {
        self.uses = uses
        self.window = window
        self.gap = gap
        self.concurrent = concurrent
        self.lease = lease
    }

    /// How long a use counts after its start.
    var memory: Duration { max(uses > 0 ? window : .zero, gap) }

    /// The time after which no earlier use counts.
    var horizon: Duration { max(memory, lease) }
}

extension BudgetLimits {
    /// Reads the limits of a provider: `PROVIDER_<NAME>_BUDGET` requests in `PROVIDER_<NAME>_BUDGET_WINDOW_S`,
    /// `PROVIDER_<NAME>_GAP_MS` apart, and `PROVIDER_<NAME>_CONCURRENCY` at the same time. 0 means no limit.
    /// - Parameter preset: the limits without settings; `nil` means those of the catalogue with this name, if any.
    /// - Returns: `nil` when the provider has no limit at all.
    /// - Throws: ``SettingsError`` for an invalid value.
    public init?(
        _ settings: Settings, provider: String, default preset: BudgetLimits? = nil
    ) throws(SettingsError) {
        let word = provider.uppercased().map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" }
        let name = "PROVIDER_\(String(word))_"
        let preset = preset ?? Self.presets[provider] ?? Self.unlimited
        let span = Int(preset.window / .seconds(1))
        let gap = Int(preset.gap / .milliseconds(1))
        self = preset
        uses = try settings.integer(name + "BUDGET", default: preset.uses, in: 0...1000)
        window = .seconds(try settings.integer(name + "BUDGET_WINDOW_S", default: span, in: 1...86_400))
        self.gap = .milliseconds(try settings.integer(name + "GAP_MS", default: gap, in: 0...3_600_000))
        concurrent = try settings.integer(name + "CONCURRENCY", default: preset.concurrent, in: 0...100)
        guard uses > 0 || self.gap > .zero || concurrent > 0 else { return nil }
    }

    private static let presets = ["spotify": spotify, "musicbrainz": musicBrainz]

    /// Spotify limits the requests of an app in each 30 seconds. It does not publish the number.
    private static let spotify = BudgetLimits(uses: 60, window: .seconds(30), concurrent: 4)
    /// MusicBrainz allows one request a second from each address. The rest allows for different network delays.
    private static let musicBrainz = BudgetLimits(
        uses: 0, window: .seconds(60), gap: .milliseconds(1100), concurrent: 1)
    private static let unlimited = BudgetLimits(uses: 0, window: .seconds(60))
}
