/// The section of the download stage: the fetched file.
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

    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        source = try fields.decode(String.self, forKey: .source)
        user = try fields.decodeIfPresent(String.self, forKey: .user)
        path = try fields.decode(String.self, forKey: .path)
        size = try fields.decodeWhole(forKey: .size, in: 0...Limits.bytes)
        sha256 = try fields.decodeIfPresent(String.self, forKey: .sha256)
    }
}

/// The section of the tag stage: the verified and tagged copy.
public struct TagSection: Codable, Sendable, Equatable {
    /// Relative to the downloads folder.
    public var path: String
    /// `flac`, `mp3`, `aac`, `alac`, `vorbis`, `opus` …
    public var codec: String
    public var bitrateKbps: Int?
    public var durationMS: Int
    /// The evidence of the verification by check: `decoded`, `duration` …
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

    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        path = try fields.decode(String.self, forKey: .path)
        codec = try fields.decode(String.self, forKey: .codec)
        bitrateKbps = try fields.decodeWholeIfPresent(forKey: .bitrateKbps, in: 0...Limits.number)
        durationMS = try fields.decodeWhole(forKey: .durationMS, in: 0...Limits.milliseconds)
        verification = try fields.decode([String: JSONValue].self, forKey: .verification)
    }
}

/// The section of the move stage: the place of the file in the library.
public struct MoveSection: Codable, Sendable, Equatable {
    /// Relative to the music folder.
    public var path: String

    enum CodingKeys: String, CodingKey, CaseIterable {
        case path
    }

    public init(path: String) { self.path = path }
}
