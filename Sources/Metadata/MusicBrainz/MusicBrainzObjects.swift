/// A recording as MusicBrainz sends it.
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

/// An artist of a recording or a release, under the name that stands there.
struct MusicBrainzCredit: Decodable, Sendable {
    @Lenient var name: String?
    @Lenient var artist: MusicBrainzArtistObject?
}

struct MusicBrainzArtistObject: Decodable, Sendable {
    @Lenient var id: String?
    @Lenient var name: String?
}

/// A release as MusicBrainz sends it, in full or inside a recording.
struct MusicBrainzReleaseObject: Decodable, Sendable {
    @Lenient var id: String?
    @Lenient var title: String?
    @Lenient var date: String?
    @Lenient var barcode: String?
    @Lenient var status: String?
    @LenientList var credit: [MusicBrainzCredit]
    @Lenient var group: Group?
    @LenientList var media: [Medium]

    struct Group: Decodable, Sendable {
        @Lenient var primary: String?
        @LenientList var secondary: [String]

        enum CodingKeys: String, CodingKey {
            case primary = "primary-type"
            case secondary = "secondary-types"
        }
    }

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

/// Recordings with a code, or found by words.
struct MusicBrainzRecordings: Decodable, Sendable {
    @LenientList var recordings: [MusicBrainzRecordingObject]
}

/// Releases of an artist.
struct MusicBrainzReleases: Decodable, Sendable {
    @LenientList var releases: [MusicBrainzReleaseObject]
    @Lenient var count: Int?
    @Lenient var offset: Int?

    enum CodingKeys: String, CodingKey {
        case releases
        case count = "release-count"
        case offset = "release-offset"
    }
}
