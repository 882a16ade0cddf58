/// What one peer offers in answer to a search.
public struct SlskdResponse: Decodable, Sendable, Equatable {
    public var username: String
    public var hasFreeUploadSlot: Bool
    public var queueLength: Int
    /// Bytes a second, as the peer claims.
    public var uploadSpeed: Int64
    public var files: [SlskdFile]
    /// Files that the peer lists and will not hand over.
    public var lockedFiles: [SlskdFile]

    enum CodingKeys: String, CodingKey {
        case username, hasFreeUploadSlot, queueLength, uploadSpeed, files, lockedFiles
    }

    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        username = try fields.decode(String.self, forKey: .username)
        hasFreeUploadSlot = fields.lenient(.hasFreeUploadSlot) ?? false
        queueLength = max(0, fields.lenient(.queueLength) ?? 0)
        uploadSpeed = max(0, fields.lenient(.uploadSpeed) ?? 0)
        files = fields.lenientList(.files)
        lockedFiles = fields.lenientList(.lockedFiles)
    }
}

/// A file that a peer shares. What is said of its audio may be missing or wrong.
public struct SlskdFile: Decodable, Sendable, Equatable {
    /// The peer's whole virtual path, normally with backslashes. Byte for byte the key of a transfer; never a local
    /// path.
    public var filename: String
    /// Bytes.
    public var size: Int64
    /// Kilobits a second.
    public var bitRate: Int?
    public var bitDepth: Int?
    /// Hertz.
    public var sampleRate: Int?
    /// Whole seconds.
    public var length: Int?
    public var isVariableBitRate: Bool?

    enum CodingKeys: String, CodingKey {
        case filename, size, bitRate, bitDepth, sampleRate, length, isVariableBitRate
    }

    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        filename = try fields.decode(String.self, forKey: .filename)
        size = try fields.decode(Int64.self, forKey: .size)
        bitRate = fields.lenient(.bitRate)
        bitDepth = fields.lenient(.bitDepth)
        sampleRate = fields.lenient(.sampleRate)
        length = fields.lenient(.length)
        isVariableBitRate = fields.lenient(.isVariableBitRate)
    }
}
