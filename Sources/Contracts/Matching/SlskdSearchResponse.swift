/// The response of one peer to a search, as slskd returns it.
///
/// Production and `hdm match evaluate` read offers through this type, so that both judge the same values.
public struct SlskdSearchResponse: Decodable, Sendable, Equatable {
    public var username: String
    public var hasFreeUploadSlot: Bool
    public var queueLength: Int
    /// Bytes a second, as the peer claims.
    public var uploadSpeed: Int64
    public var files: [SlskdSearchFile]
    /// Files that the peer lists but does not share with this user.
    public var lockedFiles: [SlskdSearchFile]

    enum CodingKeys: String, CodingKey {
        case username, hasFreeUploadSlot, queueLength, uploadSpeed, files, lockedFiles
    }

    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        username = try fields.decode(String.self, forKey: .username)
        hasFreeUploadSlot = fields.lenient(.hasFreeUploadSlot) ?? false
        queueLength = min(max(0, fields.lenient(.queueLength) ?? 0), Limits.number)
        uploadSpeed = min(max(0, fields.lenient(.uploadSpeed) ?? 0), Limits.bytes)
        files = fields.lenientList(.files)
        lockedFiles = fields.lenientList(.lockedFiles)
    }
}

/// A file that a peer shares. The attributes are claims of the peer: they can be missing or wrong.
public struct SlskdSearchFile: Decodable, Sendable, Equatable {
    /// The peer's whole virtual path, usually with backslashes. It is the key of a transfer, byte for byte, and never a
    /// local path.
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
    /// Whether the peer lists the file without sharing it. slskd sets it in `lockedFiles`.
    public var isLocked: Bool

    enum CodingKeys: String, CodingKey {
        case filename, size, bitRate, bitDepth, sampleRate, length, isVariableBitRate, isLocked
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
        isLocked = fields.lenient(.isLocked) ?? false
    }
}
