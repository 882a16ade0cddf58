/// A file that a source offers for a track and that the matcher judges.
public struct OfferedFile: Codable, Sendable, Equatable {
    /// The name of the source, such as `folder` or `slskd`.
    public var source: String
    /// The peer that shares the file; `nil` for sources without peers.
    public var user: String?
    /// The source's name of the file with its folders, separated by `/` or `\`.
    public var path: String
    /// The part of the path below the root of the collection, which the matcher reads; the whole path if absent.
    public var shownPath: String?
    /// Bytes.
    public var size: Int64
    public var durationMS: Int?
    public var bitrateKbps: Int?
    public var isVariableBitrate: Bool?
    public var bitDepth: Int?
    /// Hertz.
    public var sampleRate: Int?
    /// Whether the source lists the file without sharing it.
    public var isLocked = false
    /// The tags of the file, if the source has read them.
    public var tags: OfferedTags?
    public var peer: OfferingPeer?

    public init(source: String, path: String, size: Int64) {
        self.source = source
        self.path = path
        self.size = size
    }
}

/// The tags of an offered file; absent fields are unknown.
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

/// The availability of a peer.
public struct OfferingPeer: Codable, Sendable, Equatable {
    public var hasFreeSlot: Bool
    public var queueLength: Int
    /// The upload speed in bytes a second, as the peer claims.
    public var uploadSpeed: Int64

    public init(hasFreeSlot: Bool, queueLength: Int, uploadSpeed: Int64) {
        self.hasFreeSlot = hasFreeSlot
        self.queueLength = queueLength
        self.uploadSpeed = uploadSpeed
    }
}
