/// A file that may be the wanted recording, as a source offers it. Ranked by the match stage, fetched by download.
public struct Candidate: Codable, Sendable, Equatable {
    /// The name of the source that offers it, such as `folder` or `slskd`.
    public var source: String
    /// The peer that shares it, where the source has peers.
    public var user: String?
    /// The name by which the source knows the file. Never a path to write to.
    public var path: String
    /// Bytes.
    public var size: Int64
    /// How sure the matcher is that this is the wanted recording: 0 … 1.
    public var score: Double
    public var durationMS: Int?
    public var bitrateKbps: Int?

    enum CodingKeys: String, CodingKey {
        case source, user, path, size, score
        case durationMS = "duration_ms"
        case bitrateKbps = "bitrate_kbps"
    }

    public init(source: String, user: String? = nil, path: String, size: Int64, score: Double) {
        self.source = source
        self.user = user
        self.path = path
        self.size = size
        self.score = score
    }
}

/// What the match stage adds: the candidates, best first, and how the first one was judged.
public struct MatchSection: Codable, Sendable, Equatable {
    public var score: Double
    /// The parts of the score by name, each 0 … 1.
    public var components: [String: Double]
    public var candidates: [Candidate]

    enum CodingKeys: String, CodingKey, CaseIterable {
        case score, components, candidates
    }

    public init(score: Double, components: [String: Double], candidates: [Candidate]) {
        self.score = score
        self.components = components
        self.candidates = candidates
    }
}

/// What the download stage adds: the file as it arrived.
public struct DownloadSection: Codable, Sendable, Equatable {
    public var source: String
    public var user: String?
    /// Relative to the downloads folder.
    public var path: String
    /// Bytes.
    public var size: Int64
    /// Lower-case hexadecimal.
    public var sha256: String?

    enum CodingKeys: String, CodingKey, CaseIterable {
        case source, user, path, size, sha256
    }

    public init(source: String, user: String? = nil, path: String, size: Int64, sha256: String? = nil) {
        self.source = source
        self.user = user
        self.path = path
        self.size = size
        self.sha256 = sha256
    }
}

/// What the tag stage adds: the checked and tagged copy.
public struct TagSection: Codable, Sendable, Equatable {
    /// Relative to the downloads folder.
    public var path: String
    /// `flac`, `mp3`, `aac`, `alac`, `vorbis`, `opus` …
    public var codec: String
    public var bitrateKbps: Int?
    public var durationMS: Int
    /// What was verified, as evidence: `decoded`, `duration` …
    public var verification: [String: JSONValue]

    enum CodingKeys: String, CodingKey, CaseIterable {
        case path, codec, verification
        case bitrateKbps = "bitrate_kbps"
        case durationMS = "duration_ms"
    }

    public init(
        path: String, codec: String, bitrateKbps: Int?, durationMS: Int, verification: [String: JSONValue] = [:]
    ) {
        self.path = path
        self.codec = codec
        self.bitrateKbps = bitrateKbps
        self.durationMS = durationMS
        self.verification = verification
    }
}

/// What the move stage adds: where the file is in the library.
public struct MoveSection: Codable, Sendable, Equatable {
    /// Relative to the music folder.
    public var path: String

    enum CodingKeys: String, CodingKey, CaseIterable {
        case path
    }

    public init(path: String) { self.path = path }
}
