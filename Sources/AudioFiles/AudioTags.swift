/// The tags of a file, the same for every format.
///
/// When read, an absent field is not in the file. When written, a field that is absent, empty or 0 leaves what the file
/// has.
public struct AudioTags: Sendable, Equatable {
    public var title: String?
    /// The artist as displayed, one text also for several people.
    public var artist: String?
    /// Every credited artist, the main one first.
    public var artists: [String] = []
    public var album: String?
    public var albumArtist: String?
    public var trackNumber: Int?
    public var trackTotal: Int?
    public var discNumber: Int?
    public var discTotal: Int?
    /// `YYYY`, `YYYY-MM` or `YYYY-MM-DD`.
    public var date: String?
    /// International Standard Recording Code.
    public var isrc: String?
    public var genres: [String] = []
    /// All other text tags by TagLib's name, upper-case: `COMMENT`, `LYRICS`, `COMPOSER`, `MUSICBRAINZ_TRACKID` … An
    /// empty list, when written, removes the tag.
    public var other: [String: [String]] = [:]

    public init() {}

    public var isEmpty: Bool { self == AudioTags() }
}
