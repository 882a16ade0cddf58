/// What a limited provider bears, from all processes together.
public struct BudgetLimits: Sendable, Equatable {
    /// Requests in any span of ``window``; 0 for as many as wanted.
    public var uses: Int
    public var window: Duration
    /// The least time from the begin of one request to that of the next.
    public var gap: Duration
    /// Requests in flight at once; 0 for as many as wanted.
    public var concurrent: Int
    /// After how long a request counts as ended whose process died. No request may take longer: from then on another
    /// one is let in beside it.
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

    /// How long a use is remembered after it began.
    var memory: Duration { max(uses > 0 ? window : .zero, gap) }

    /// The time after which nothing that was done before can matter any more.
    var horizon: Duration { max(memory, lease) }
}

extension BudgetLimits {
    /// The limits that the settings give a provider: `PROVIDER_<NAME>_BUDGET` uses (0: as many as wanted) in
    /// `PROVIDER_<NAME>_BUDGET_WINDOW_S`, `PROVIDER_<NAME>_GAP_MS` apart, `PROVIDER_<NAME>_CONCURRENCY` at once (0: as
    /// many as wanted). `nil` when nothing limits the provider.
    /// - Parameter preset: The limits without settings; `nil` for those of a catalogue, and none for other providers.
    /// - Throws: ``SettingsError`` for a value that cannot be used.
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

    /// Spotify counts the requests of an app in spans of half a minute, and does not say how many it bears.
    private static let spotify = BudgetLimits(uses: 60, window: .seconds(30), concurrent: 4)
    /// MusicBrainz answers one request a second to each host; some room for what is on its way longer than another.
    private static let musicBrainz = BudgetLimits(
        uses: 0, window: .seconds(60), gap: .milliseconds(1100), concurrent: 1)
    private static let unlimited = BudgetLimits(uses: 0, window: .seconds(60))
}
