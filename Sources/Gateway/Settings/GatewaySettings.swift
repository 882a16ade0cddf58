import Access
import Contracts
import Foundation
import Imports
import JobLedger
import ServiceKit

/// The settings of the gateway alone.
struct GatewaySettings: Sendable {
    /// `IDEMPOTENCY_BACKEND` (`sqlite` or `memory`) and `IDEMPOTENCY_SQLITE_PATH`, default
    /// `<DOWNLOADS_DIR>/.harmony/idempotency.db`.
    var location: JobStoreLocation
    /// `BATCH_MAX_ITEMS` (2000), `HDM_HTTP_MAX_BODY_BYTES` (2 MiB), `IDEMPOTENCY_TTL_DAYS` (30).
    var limits: AdmissionLimits
    /// `FREE_IMPORT_MAX_LINES` (2000, never more than `BATCH_MAX_ITEMS`), `FREE_IMPORT_MAX_PLAYLIST_LINKS` (1000),
    /// `FREE_IMPORT_MAX_FILE_BYTES` (1 MiB).
    var imports: ImportLimits
    /// `HDM_<SERVICE>_URL` of the services to which requests are forwarded, without a slash at the end.
    var urls: ServiceURLs
    /// `HDM_PLANNER_USER`: the broker user of the planner; the gateway's own user by default.
    var plannerUser: String
    /// The path of `SPOTIFY_REDIRECT_URI`, at which the browser returns from Spotify; `/callback` by default.
    var callbackPath: String
    /// `HARMONY_API_KEYS`, separated by commas; also lines of the file that `HARMONY_API_KEYS_FILE` names. With none,
    /// the API is open.
    var apiKeys: APIKeys

    static let standardCallbackPath = "/callback"

    private enum Backend: String, CaseIterable { case sqlite, memory }

    init(_ raw: Settings, _ shared: ServiceSettings) throws(SettingsError) {
        switch try raw.choice("IDEMPOTENCY_BACKEND", default: Backend.sqlite) {
        case .memory: location = .memory
        case .sqlite:
            let standard = shared.downloadsDir.appending(path: ".harmony/idempotency.db").path
            location = .file(raw.text("IDEMPOTENCY_SQLITE_PATH", default: standard))
        }
        limits = try Self.limits(raw)
        imports = try Self.imports(raw, limits)
        urls = try ServiceURLs(raw)
        plannerUser = raw.text("HDM_PLANNER_USER") ?? shared.brokers.first?.user ?? ""
        let redirect = raw.text("SPOTIFY_REDIRECT_URI").flatMap { URLComponents(string: $0)?.path } ?? ""
        callbackPath = redirect.hasPrefix("/") && redirect != "/" ? redirect : Self.standardCallbackPath
        apiKeys = APIKeys(
            (try raw.secret("HARMONY_API_KEYS") ?? "").split { $0 == "," || $0.isWhitespace }.map(String.init))
    }

    private static func limits(_ raw: Settings) throws(SettingsError) -> AdmissionLimits {
        var limits = AdmissionLimits()
        limits.maxItems = try raw.integer("BATCH_MAX_ITEMS", default: limits.maxItems, in: 1...100_000)
        limits.maxBodyBytes = try raw.integer(
            "HDM_HTTP_MAX_BODY_BYTES", default: limits.maxBodyBytes, in: 1024...(1 << 30))
        let days = try raw.integer("IDEMPOTENCY_TTL_DAYS", default: 30, in: 0...36_500)
        limits.processedFor = .seconds(days * 86_400)
        return limits
    }

    private static func imports(_ raw: Settings, _ intake: AdmissionLimits) throws(SettingsError) -> ImportLimits {
        var limits = ImportLimits()
        let lines = try raw.integer("FREE_IMPORT_MAX_LINES", default: limits.lines, in: 1...100_000)
        limits.lines = min(lines, intake.maxItems)
        limits.links = try raw.integer("FREE_IMPORT_MAX_PLAYLIST_LINKS", default: limits.links, in: 0...100_000)
        limits.bodyBytes = try raw.integer(
            "FREE_IMPORT_MAX_FILE_BYTES", default: limits.bodyBytes, in: 1024...(1 << 30))
        return limits
    }
}

/// The URLs of the services to which the gateway forwards requests.
struct ServiceURLs: Sendable {
    /// `HDM_RECOVERY_URL`, `HDM_DOWNLOAD_URL` and `HDM_PLANNER_URL`, by default on this machine.
    private var urls: [ServiceName: String] = [:]

    init(_ raw: Settings) throws(SettingsError) {
        for service in [ServiceName.recovery, .download, .planner] { urls[service] = try Self.url(of: service, raw) }
    }

    subscript(service: ServiceName) -> String { urls[service] ?? Self.standard(service) }

    private static func standard(_ service: ServiceName) -> String { "http://127.0.0.1:\(service.defaultPort)" }

    private static func url(of service: ServiceName, _ raw: Settings) throws(SettingsError) -> String {
        let name = "HDM_\(service.rawValue.uppercased())_URL"
        let text = raw.text(name, default: standard(service))
        guard let parts = URLComponents(string: text), ["http", "https"].contains(parts.scheme),
            parts.host?.isEmpty == false, parts.query == nil, parts.fragment == nil
        else { throw SettingsError(name, "must be an absolute http or https address") }
        return text.hasSuffix("/") ? String(text.dropLast()) : text
    }
}
