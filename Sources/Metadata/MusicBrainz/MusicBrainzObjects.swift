/// A recording as MusicBrainz sends it.
struct MusicBrainzRecordingObject: Decodable, Sendable {
    var id: String?
    var title: String?
    /// Milliseconds.
    var length: Int?
    var credit: [MusicBrainzCredit]
    var releases: [MusicBrainzReleaseObject]
    var isrcs: [String]

    enum CodingKeys: String, CodingKey {
        case id, title, length, releases, isrcs
        case credit = "artist-credit"
    }

    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        id = fields.lenient(.id)
        title = fields.lenient(.title)
        length = fields.lenient(.length)
        credit = fields.lenientList(.credit)
        releases = fields.lenientList(.releases)
        isrcs = fields.lenientList(.isrcs)
    }
}

/// An artist of a recording or a release, under the name that stands there.
struct MusicBrainzCredit: Decodable, Sendable {
    var name: String?
    var artist: MusicBrainzArtistObject?
}

struct MusicBrainzArtistObject: Decodable, Sendable {
    var id: String?
    var name: String?
}

/// A release as MusicBrainz sends it, in full or inside a recording.
struct MusicBrainzReleaseObject: Decodable, Sendable {
    var id: String?
    var title: String?
    var date: String?
    var barcode: String?
    var status: String?
    var credit: [MusicBrainzCredit]
    var group: Group?
    var media: [Medium]

    struct Group: Decodable, Sendable {
        var primary: String?
        var secondary: [String]?

        enum CodingKeys: String, CodingKey {
            case primary = "primary-type"
            case secondary = "secondary-types"
        }
    }

    struct Medium: Decodable, Sendable {
        var position: Int?
        var trackCount: Int?
        var tracks: [Position]

        enum CodingKeys: String, CodingKey {
            case position, tracks
            case trackCount = "track-count"
        }

        init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: CodingKeys.self)
            position = fields.lenient(.position)
            trackCount = fields.lenient(.trackCount)
            tracks = fields.lenientList(.tracks)
        }
    }

    struct Position: Decodable, Sendable {
        var position: Int?
        var title: String?
        var length: Int?
        var recording: MusicBrainzRecordingObject?
    }

    enum CodingKeys: String, CodingKey {
        case id, title, date, barcode, status, media
        case credit = "artist-credit"
        case group = "release-group"
    }

    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        id = fields.lenient(.id)
        title = fields.lenient(.title)
        date = fields.lenient(.date)
        barcode = fields.lenient(.barcode)
        status = fields.lenient(.status)
        credit = fields.lenientList(.credit)
        group = fields.lenient(.group)
        media = fields.lenientList(.media)
    }
}

/// Recordings with a code, or found by words.
struct MusicBrainzRecordings: Decodable, Sendable {
    var recordings: [MusicBrainzRecordingObject]

    enum CodingKeys: String, CodingKey { case recordings }

    init(from decoder: any Decoder) throws {
        recordings = try decoder.container(keyedBy: CodingKeys.self).lenientList(.recordings)
    }
}

/// Releases of an artist.
struct MusicBrainzReleases: Decodable, Sendable {
    var releases: [MusicBrainzReleaseObject]
    var count: Int?
    var offset: Int?

    enum CodingKeys: String, CodingKey {
        case releases
        case count = "release-count"
        case offset = "release-offset"
    }

    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        releases = fields.lenientList(.releases)
        count = fields.lenient(.count)
        offset = fields.lenient(.offset)
    }
}
