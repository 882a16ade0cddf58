import Contracts
import Foundation
import ServiceKit

/// The settings of the gateway alone.
struct GatewaySettings: Sendable {
    /// `IDEMPOTENCY_BACKEND` (`sqlite` or `memory`) and `IDEMPOTENCY_SQLITE_PATH`, default
    /// `<DOWNLOADS_DIR>/.harmony/idempotency.db`.
    var place: JobStorePlace
    /// `BATCH_MAX_ITEMS` (2000), `HDM_EXPANSION_MAX_ITEMS` (10 000),
    /// `HDM_HTTP_MAX_BODY_BYTES` (2 MiB), `IDEMPOTENCY_TTL_DAYS` (30).
    var limits: IntakeLimits
    /// `FREE_IMPORT_MAX_LINES` (2000, never more than `BATCH_MAX_ITEMS`), `FREE_IMPORT_MAX_PLAYLIST_LINKS` (1000),
    /// `FREE_IMPORT_MAX_FILE_BYTES` (1 MiB).
    var imports: ImportLimits
    /// `WATCHLIST_INTERVAL` (86400), `WATCHLIST_COOLDOWN_MINUTES` (15), `HDM_WATCHLIST_BUDGET` (100).
    var watch: WatchDefaults
    /// Artists and playlists that are looked at at once: `WATCHLIST_MAX_CONCURRENCY` (3); none where
    /// `WATCHLIST_TIMER_ENABLED` is false.
    var watchConcurrency: Int
    /// `HDM_RECOVERY_URL`, default `http://127.0.0.1:9105`, without a slash at its end.
    var recoveryURL: String
    /// `HDM_DOWNLOAD_URL`, default `http://127.0.0.1:9102`, without a slash at its end.
    var downloadURL: String
    /// `HDM_MOVE_URL`, default `http://127.0.0.1:9104`, without a slash at its end.
    var moveURL: String
    /// Files and wishes of a backfill that names no number: `BACKFILL_MAX_ITEMS` (2000).
    var backfillItems: Int
    /// `HARMONY_API_KEYS`, separated by commas; also lines of the file that `HARMONY_API_KEYS_FILE` names. None: open.
    var apiKeys: APIKeys

    private enum Backend: String, CaseIterable { case sqlite, memory }

    init(_ raw: Settings, _ shared: ServiceSettings) throws(SettingsError) {
        switch try raw.choice("IDEMPOTENCY_BACKEND", default: Backend.sqlite) {
        case .memory: place = .memory
        case .sqlite:
            let standard = shared.downloadsDir.appending(path: ".harmony/idempotency.db").path
            place = .file(raw.text("IDEMPOTENCY_SQLITE_PATH", default: standard))
        }
        limits = IntakeLimits()
        limits.maxItems = try raw.integer("BATCH_MAX_ITEMS", default: limits.maxItems, in: 1...100_000)
        limits.maxBodyBytes = try raw.integer(
            "HDM_HTTP_MAX_BODY_BYTES", default: limits.maxBodyBytes, in: 1024...(1 << 30))
        limits.expansionItems = try raw.integer(
            "HDM_EXPANSION_MAX_ITEMS", default: limits.expansionItems, in: 1...1_000_000)
        let days = try raw.integer("IDEMPOTENCY_TTL_DAYS", default: 30, in: 0...36_500)
        limits.processedFor = .seconds(days * 86_400)
        imports = try Self.imports(raw, limits)
        watch = try Self.watch(raw)
        let concurrency = try raw.integer("WATCHLIST_MAX_CONCURRENCY", default: 3, in: 1...10)
        watchConcurrency = try raw.flag("WATCHLIST_TIMER_ENABLED", default: true) ? concurrency : 0
        recoveryURL = try Self.url(of: .recovery, raw)
        downloadURL = try Self.url(of: .download, raw)
        moveURL = try Self.url(of: .move, raw)
        backfillItems = try raw.integer("BACKFILL_MAX_ITEMS", default: 2000, in: 1...BackfillTerms.most)
        apiKeys = APIKeys(
            (try raw.secret("HARMONY_API_KEYS") ?? "").split { $0 == "," || $0.isWhitespace }.map(String.init))
    }

    private static func imports(_ raw: Settings, _ intake: IntakeLimits) throws(SettingsError) -> ImportLimits {
        var limits = ImportLimits()
        let lines = try raw.integer("FREE_IMPORT_MAX_LINES", default: limits.lines, in: 1...100_000)
        limits.lines = min(lines, intake.maxItems)
        limits.links = try raw.integer("FREE_IMPORT_MAX_PLAYLIST_LINKS", default: limits.links, in: 0...100_000)
        limits.bodyBytes = try raw.integer(
            "FREE_IMPORT_MAX_FILE_BYTES", default: limits.bodyBytes, in: 1024...(1 << 30))
        return limits
    }

    private static func watch(_ raw: Settings) throws(SettingsError) -> WatchDefaults {
        var watch = WatchDefaults()
        watch.interval = try raw.integer(
            "WATCHLIST_INTERVAL", default: watch.interval, in: WatchDefaults.intervals)
        watch.cooldown = 60 * (try raw.integer("WATCHLIST_COOLDOWN_MINUTES", default: 15, in: 0...1440))
        watch.budget = try raw.integer("HDM_WATCHLIST_BUDGET", default: watch.budget, in: WatchDefaults.budgets)
        return watch
    }

    private static func url(of service: ServiceName, _ raw: Settings) throws(SettingsError) -> String {
        let name = "HDM_\(service.rawValue.uppercased())_URL"
        let text = raw.text(name, default: "http://127.0.0.1:\(service.defaultPort)")
        guard let parts = URLComponents(string: text), ["http", "https"].contains(parts.scheme),
            parts.host?.isEmpty == false, parts.query == nil, parts.fragment == nil
        else { throw SettingsError(name, "must be an absolute http or https address") }
        return text.hasSuffix("/") ? String(text.dropLast()) : text
    }
}
