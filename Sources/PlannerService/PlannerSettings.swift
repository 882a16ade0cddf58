import Contracts
import Foundation
import ServiceKit

/// The settings of the planner.
struct PlannerSettings: Sendable {
    /// `BATCH_MAX_ITEMS` (2000), `HDM_EXPANSION_MAX_ITEMS` (10 000), `HDM_HTTP_MAX_BODY_BYTES` (2 MiB).
    var limits: PlannerLimits
    /// `WATCHLIST_INTERVAL` (86400), `WATCHLIST_COOLDOWN_MINUTES` (15), `HDM_WATCHLIST_BUDGET` (100).
    var watch: WatchDefaults
    /// How many artists and playlists are checked at once: `WATCHLIST_MAX_CONCURRENCY` (3), or 0 when
    /// `WATCHLIST_TIMER_ENABLED` is false.
    var watchConcurrency: Int
    /// The files and jobs of a backfill without a number of its own: `BACKFILL_MAX_ITEMS` (2000).
    var backfillItems: Int
    /// `HDM_GATEWAY_URL`, default `http://127.0.0.1:<APP_PORT>`, without a slash at the end.
    var gatewayURL: String
    /// `HDM_MOVE_URL`, default `http://127.0.0.1:9104`, without a slash at the end.
    var moveURL: String
    /// `planner.db` in `HDM_STATE_DIR`.
    var database: URL

    init(_ raw: Settings, _ shared: ServiceSettings) throws(SettingsError) {
        limits = PlannerLimits()
        limits.maxItems = try raw.integer("BATCH_MAX_ITEMS", default: limits.maxItems, in: 1...100_000)
        limits.maxBodyBytes = try raw.integer(
            "HDM_HTTP_MAX_BODY_BYTES", default: limits.maxBodyBytes, in: 1024...(1 << 30))
        limits.expansionItems = try raw.integer(
            "HDM_EXPANSION_MAX_ITEMS", default: limits.expansionItems, in: 1...1_000_000)
        watch = try Self.watch(raw)
        let concurrency = try raw.integer("WATCHLIST_MAX_CONCURRENCY", default: 3, in: 1...10)
        watchConcurrency = try raw.flag("WATCHLIST_TIMER_ENABLED", default: true) ? concurrency : 0
        backfillItems = try raw.integer("BACKFILL_MAX_ITEMS", default: 2000, in: 1...BackfillTerms.maximumItems)
        let gatewayPort = raw.text("APP_PORT", default: "\(ServiceName.gateway.defaultPort)")
        gatewayURL = try Self.url("HDM_GATEWAY_URL", default: "http://127.0.0.1:\(gatewayPort)", raw)
        moveURL = try Self.url("HDM_MOVE_URL", default: "http://127.0.0.1:\(ServiceName.move.defaultPort)", raw)
        database = shared.stateDir.appending(path: "planner.db", directoryHint: .notDirectory)
    }

    private static func watch(_ raw: Settings) throws(SettingsError) -> WatchDefaults {
        var watch = WatchDefaults()
        watch.interval = try raw.integer(
            "WATCHLIST_INTERVAL", default: watch.interval, in: WatchDefaults.intervals)
        watch.cooldown = 60 * (try raw.integer("WATCHLIST_COOLDOWN_MINUTES", default: 15, in: 0...1440))
        watch.budget = try raw.integer("HDM_WATCHLIST_BUDGET", default: watch.budget, in: WatchDefaults.budgets)
        return watch
    }

    private static func url(
        _ name: String, default standard: String, _ raw: Settings
    ) throws(SettingsError) -> String {
        let text = raw.text(name, default: standard)
        guard let parts = URLComponents(string: text), ["http", "https"].contains(parts.scheme),
            parts.host?.isEmpty == false, parts.query == nil, parts.fragment == nil
        else { throw SettingsError(name, "must be an absolute http or https address") }
        return text.hasSuffix("/") ? String(text.dropLast()) : text
    }
}

/// How much is read and submitted at once.
struct PlannerLimits: Sendable, Equatable {
    /// Items of one submission.
    var maxItems = 2000
    /// Entries of one link that are read.
    var expansionItems = 10_000
    /// Bytes of a request.
    var maxBodyBytes = 2 << 20
}
