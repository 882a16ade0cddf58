/// A recording in a response of MusicBrainz.
struct MusicBrainzRecordingObject: Decodable, Sendable {
    @Lenient var id: String?
    @Lenient var title: String?
    /// Milliseconds.
    @Lenient var length: Int?
    @LenientList var credit: [MusicBrainzCredit]
    @LenientList var releases: [MusicBrainzReleaseObject]
    @LenientList var isrcs: [String]

    enum CodingKeys: String, CodingKey {
        case id, title, length, releases, isrcs
        case credit = "artist-credit"
    }
}

/// An artist of a recording or a release, with the credited name.
struct MusicBrainzCredit: Decodable, Sendable {
    @Lenient var name: String?
    @Lenient var artist: MusicBrainzArtistObject?
}

struct MusicBrainzArtistObject: Decodable, Sendable {
    @Lenient var id: String?
    @Lenient var name: String?
}

/// A release in a response of MusicBrainz, in full or inside a recording.
struct MusicBrainzReleaseObject: Decodable, Sendable {
    @Lenient var id: String?
    @Lenient var title: String?
    @Lenient var date: String?
    @Lenient var barcode: String?
    @Lenient var status: String?
    @LenientList var credit: [MusicBrainzCredit]
    @Lenient var group: MusicBrainzGroupObject?
    @LenientList var media: [Medium]

    struct Medium: Decodable, Sendable {
        @Lenient var position: Int?
        @Lenient var trackCount: Int?
        @LenientList var tracks: [Position]

        enum CodingKeys: String, CodingKey {
            case position, tracks
            case trackCount = "track-count"
        }
    }

    struct Position: Decodable, Sendable {
        @Lenient var position: Int?
        @Lenient var title: String?
        @Lenient var length: Int?
        @Lenient var recording: MusicBrainzRecordingObject?
    }

    enum CodingKeys: String, CodingKey {
        case id, title, date, barcode, status, media
        case credit = "artist-credit"
        case group = "release-group"
    }
}

/// The recordings with an ISRC, or the results of a search.
struct MusicBrainzRecordings: Decodable, Sendable {
    @LenientList var recordings: [MusicBrainzRecordingObject]
}

/// A release group: all editions of one release.
struct MusicBrainzGroupObject: Decodable, Sendable {
    @Lenient var id: String?
    @Lenient var title: String?
    @Lenient var firstReleaseDate: String?
    @Lenient var primary: String?
    @LenientList var secondary: [String]
    @LenientList var credit: [MusicBrainzCredit]

    enum CodingKeys: String, CodingKey {
        case id, title
        case firstReleaseDate = "first-release-date"
        case primary = "primary-type"
        case secondary = "secondary-types"
        case credit = "artist-credit"
    }
}

/// A page of an artist's release groups.
struct MusicBrainzReleaseGroups: Decodable, Sendable {
    @LenientList var groups: [MusicBrainzGroupObject]
    @Lenient var count: Int?
    @Lenient var offset: Int?

    enum CodingKeys: String, CodingKey {
        case groups = "release-groups"
        case count = "release-group-count"
        case offset = "release-group-offset"
    }
}

/// A page of a group's releases.
struct MusicBrainzReleases: Decodable, Sendable {
    @LenientList var releases: [MusicBrainzReleaseObject]
}
