public import Foundation
public import ServiceKit

/// The settings of the slskd source.
public struct SlskdSettings: Sendable, Equatable {
    /// The address of slskd, including its `url_base` when it has one.
    public var baseURL: String
    /// `nil` when the settings have none; the key then comes from the stored secrets and can change.
    public var apiKey: String?
    /// slskd's downloads folder as this process sees it; `nil` when it is not set.
    public var downloadsFolder: URL?
    public var limits = SlskdLimits()
    public var search = SlskdSearchLimits()

    public init(baseURL: String, apiKey: String?) {
        self.baseURL = baseURL
        self.apiKey = apiKey
    }
}

/// When a search at slskd ends, and how long its result is reused.
public struct SlskdSearchLimits: Sendable, Equatable {
    /// The search ends after so long without a response.
    public var quietTime: Duration = .seconds(8)
    /// The search is stopped after so long; the responses until then are used.
    public var longest: Duration = .seconds(30)
    /// The number of responses after which the search ends.
    public var responses = 250
    /// The number of files after which the search ends.
    public var files = 10_000
    /// How long a result is reused for the same words.
    public var reuse: Duration = .seconds(180)
    /// How long a search is repeated while slskd responds that it is busy.
    public var busyPatience: Duration = .seconds(10)

    public init() {}
}

extension SlskdSettings {
    /// The error of a process that fetches files without `SLSKD_DOWNLOADS_DIR`.
    static let missingDownloadsFolder = SettingsError(
        folder.name, "is missing: set it to slskd's downloads folder as the download service sees it")

    /// Reads the settings.
    /// - Throws: `SettingsError` for a setting that is missing or cannot be used. It never contains the key.
    public init(_ settings: Settings) throws(SettingsError) {
        guard let base = settings.text(Self.address.name) else {
            throw SettingsError(
                Self.address.name,
                "is missing: \(SourceRegistry.setting) names \(SlskdSource.sourceName); set it to slskd's address")
        }
        guard Self.isUsable(base) else {
            throw SettingsError(
                Self.address.name, "must be like http://slskd:5030, with slskd's url_base where it has one")
        }
        let key = try settings.secret(Self.key.name)
        guard key.map(Self.isUsableKey) != false else {
            throw SettingsError(Self.key.name, "must be 16 to 255 visible characters")
        }
        self.init(baseURL: base, apiKey: key)
        if let path = settings.text(Self.folder.name) {
            guard path.hasPrefix("/") else { throw SettingsError(Self.folder.name, "must be an absolute path") }
            downloadsFolder = URL(filePath: path, directoryHint: .isDirectory)
        }
        search = try SlskdSearchLimits(settings)
        limits = try SlskdLimits(settings)
    }

    private static let address = SourceSetting(
        "SLSKD_BASE_URL", "the address of slskd, such as `http://slskd:5030`, with its `url_base` where it has one")
    static let key = SourceSetting(
        "SLSKD_API_KEY", default: "what `hdm secrets` has", "an API key of slskd, 16–255 characters")
    private static let folder = SourceSetting(
        "SLSKD_DOWNLOADS_DIR", "slskd's downloads folder as the download service sees it")

    /// The settings that ``init(_:)`` reads.
    static let settings = [address, key, folder] + SlskdSearchLimits.settings + SlskdLimits.settings

    private static func isUsable(_ base: String) -> Bool {
        guard let url = URLComponents(string: base), let host = url.host, !host.isEmpty else { return false }
        return ["http", "https"].contains(url.scheme?.lowercased() ?? "") && url.query == nil && url.fragment == nil
            && url.user == nil
    }

    private static func isUsableKey(_ key: String) -> Bool {
        (16...255).contains(key.utf8.count) && key.utf8.allSatisfy { (0x21...0x7E).contains($0) }
    }
}

extension SlskdSearchLimits {
    private static let quietTime = IntegerSetting(
        "SLSKD_SEARCH_TIMEOUT_MS", default: 8000, in: 1000...60_000,
        "milliseconds without a response after which a search ends")
    private static let longest = IntegerSetting(
        "SLSKD_SEARCH_MAX_S", default: 30, in: 5...300,
        "seconds after which a search is stopped and its responses are used")
    private static let responses = IntegerSetting(
        "SLSKD_SEARCH_RESPONSES", default: 250, in: 1...5000, "responses after which a search ends")
    private static let files = IntegerSetting(
        "SLSKD_SEARCH_FILES", default: 10_000, in: 1...100_000, "files after which a search ends")
    private static let reuse = IntegerSetting(
        "SLSKD_SEARCH_REUSE_S", default: 180, in: 0...3600,
        "seconds for which a result is reused for the same words; 0 never reuses")

    static let settings = [quietTime, longest, responses, files, reuse].map(\.documentation)

    init(_ settings: Settings) throws(SettingsError) {
        quietTime = try Self.quietTime.milliseconds(in: settings)
        longest = try Self.longest.seconds(in: settings)
        responses = try Self.responses.value(in: settings)
        files = try Self.files.value(in: settings)
        reuse = try Self.reuse.seconds(in: settings)
    }
}
