/// A file that a source found when it was asked for a track; what the matcher judges.
public struct OfferedFile: Codable, Sendable, Equatable {
    /// The name of the source, such as `folder` or `slskd`.
    public var source: String
    /// The peer that shares it, where the source has peers.
    public var user: String?
    /// The name by which the source knows the file, folders included; separated by `/` or `\`.
    public var path: String
    /// The part of the path that its owner named, where the rest only says where the collection is kept; the whole path
    /// when absent.
    public var shownPath: String?
    /// Bytes.
    public var size: Int64
    public var durationMS: Int?
    public var bitrateKbps: Int?
    public var isVariableBitrate: Bool?
    public var bitDepth: Int?
    /// Hertz.
    public var sampleRate: Int?
    /// The source lists it but will not hand it over.
    public var isLocked = false
    /// What the file's own tags say, where the source has read them.
    public var tags: OfferedTags?
    public var peer: OfferingPeer?

    public init(source: String, path: String, size: Int64) {
        self.source = source
        self.path = path
        self.size = size
    }
}

/// What a file's own tags say about the recording; absent fields are unknown.
public struct OfferedTags: Codable, Sendable, Equatable {
    public var title: String?
    public var artist: String?
    public var album: String?
    public var albumArtist: String?
    public var trackNumber: Int?
    public var discNumber: Int?
    public var date: String?
    public var isrc: String?

    public init() {}
}

/// How soon and how fast a peer is likely to deliver.
public struct OfferingPeer: Codable, Sendable, Equatable {
    public var hasFreeSlot: Bool
    public var queueLength: Int
    /// Bytes a second, as the peer claims.
    public var uploadSpeed: Int64

    public init(hasFreeSlot: Bool, queueLength: Int, uploadSpeed: Int64) {
        self.hasFreeSlot = hasFreeSlot
        self.queueLength = queueLength
        self.uploadSpeed = uploadSpeed
    }
}
