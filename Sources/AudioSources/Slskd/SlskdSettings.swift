public import Foundation

/// The settings of the slskd source.
public struct SlskdSettings: Sendable, Equatable {
    /// With slskd's `url_base` as its path where it has one.
    public var baseURL: String
    /// `nil` when the settings have none: it may come from elsewhere, and change.
    public var apiKey: String?
    /// slskd's downloads folder as this process sees it; `nil` where none is given.
    public var downloadsFolder: URL?
    public var limits = SlskdLimits()
    public var search = SlskdSearchLimits()

    public init(baseURL: String, apiKey: String?) {
        self.baseURL = baseURL
        self.apiKey = apiKey
    }
}

/// How far a search at slskd goes.
public struct SlskdSearchLimits: Sendable, Equatable {
    /// It ends when no peer answered for so long.
    public var quietTime: Duration = .seconds(8)
    /// It is ended after so long, and what was found is taken.
    public var longest: Duration = .seconds(30)
    /// Peers' answers after which it ends.
    public var responses = 250
    /// Files after which it ends.
    public var files = 10_000
    /// For how long an answer serves everybody who asks the same words.
    public var reuse: Duration = .seconds(180)
    /// How long to go on trying while slskd says that it is busy.
    public var busyPatience: Duration = .seconds(10)

    public init() {}
}

extension SlskdSettings {
    /// Reads `SLSKD_BASE_URL`, `SLSKD_API_KEY`, `SLSKD_DOWNLOADS_DIR`, `SLSKD_SEARCH_…` and `PROVIDER_SLSKD_…`.
    ///
    /// - Parameters:
    ///   - text: a setting as it stands.
    ///   - secret: a setting that may also be in a file.
    ///   - integer: a setting, with its default, in a range.
    ///   - problem: makes the error for a setting and what is wrong with it.
    /// - Throws: what `secret` and `integer` throw, and `problem`.
    public init(
        text: (String) -> String?, secret: (String) throws -> String?,
        integer: (String, Int, ClosedRange<Int>) throws -> Int, problem: (String, String) -> any Error
    ) throws {
        guard let base = text("SLSKD_BASE_URL") else {
            throw problem("SLSKD_BASE_URL", "is missing: HDM_SOURCES names slskd; set it to slskd's address")
        }
        guard Self.isUsable(base) else {
            throw problem("SLSKD_BASE_URL", "must be like http://slskd:5030, with slskd's url_base where it has one")
        }
        let key = try secret("SLSKD_API_KEY")
        guard key.map(Self.isUsableKey) != false else {
            throw problem("SLSKD_API_KEY", "must be 16 to 255 visible characters")
        }
        self.init(baseURL: base, apiKey: key)
        if let folder = text("SLSKD_DOWNLOADS_DIR") {
            guard folder.hasPrefix("/") else { throw problem("SLSKD_DOWNLOADS_DIR", "must be an absolute path") }
            downloadsFolder = URL(filePath: folder, directoryHint: .isDirectory)
        }
        try readSearch(integer)
        try readLimits(integer)
    }

    private mutating func readSearch(_ integer: (String, Int, ClosedRange<Int>) throws -> Int) throws {
        search.quietTime = .milliseconds(try integer("SLSKD_SEARCH_TIMEOUT_MS", 8000, 1000...60_000))
        search.longest = .seconds(try integer("SLSKD_SEARCH_MAX_S", 30, 5...300))
        search.responses = try integer("SLSKD_SEARCH_RESPONSES", search.responses, 1...5000)
        search.files = try integer("SLSKD_SEARCH_FILES", search.files, 1...100_000)
        search.reuse = .seconds(try integer("SLSKD_SEARCH_REUSE_S", 180, 0...3600))
    }

    /// A request ends within the lease of a budget's permit, which is a minute.
    private mutating func readLimits(_ integer: (String, Int, ClosedRange<Int>) throws -> Int) throws {
        let name = "PROVIDER_SLSKD_"
        limits.timeout = .milliseconds(try integer(name + "TIMEOUT_MS", 15_000, 500...45_000))
        limits.retries = try integer(name + "RETRY_MAX", limits.retries, 0...10)
        limits.retryBase = .milliseconds(try integer(name + "RETRY_BASE_MS", 500, 10...10_000))
        limits.jitter = Double(try integer(name + "JITTER_PCT", 20, 0...100)) / 100
        limits.concurrency = try integer(name + "CONCURRENCY_REQUESTS", limits.concurrency, 1...64)
        limits.circuitFailures = try integer(name + "CIRCUIT_FAILURES", limits.circuitFailures, 1...100)
        limits.circuitPause = .seconds(try integer(name + "CIRCUIT_PAUSE_S", 15, 1...600))
    }

    private static func isUsable(_ base: String) -> Bool {
        guard let url = URLComponents(string: base), let host = url.host, !host.isEmpty else { return false }
        return ["http", "https"].contains(url.scheme?.lowercased() ?? "") && url.query == nil && url.fragment == nil
            && url.user == nil
    }

    private static func isUsableKey(_ key: String) -> Bool {
        (16...255).contains(key.utf8.count) && key.utf8.allSatisfy { (0x21...0x7E).contains($0) }
    }
}
