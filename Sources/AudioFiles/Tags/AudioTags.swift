/// The tags of a file, the same for every format.
///
/// When read, a field is absent if the file lacks it. When written, a field that is absent, empty or 0 leaves the tag of
/// the file unchanged.
public struct AudioTags: Sendable, Equatable {
    public var title: String?
    /// The artist as displayed: one text, even for several people.
    public var artist: String?
    /// All credited artists, the main one first.
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
    /// All other text tags by TagLib's name, in upper case: `COMMENT`, `LYRICS`, `COMPOSER`, `MUSICBRAINZ_TRACKID` …
    /// Writing an empty list removes the tag.
    public var other: [String: [String]] = [:]

    public init() {}

    public var isEmpty: Bool { self == AudioTags() }
}
