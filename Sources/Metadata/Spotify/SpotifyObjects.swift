import Foundation

/// A track as Spotify sends it. Nothing of it can be relied on: fields have been taken out before.
struct SpotifyTrackObject: Decodable, Sendable {
    var id: String?
    var uri: String?
    var type: String?
    var name: String?
    var isLocal: Bool
    var artists: [SpotifyArtistObject]
    var album: SpotifyAlbumObject?
    var durationMS: Int?
    var discNumber: Int?
    var trackNumber: Int?
    var explicit: Bool?
    var isPlayable: Bool?
    var codes: SpotifyCodes?

    enum CodingKeys: String, CodingKey {
        case id, uri, type, name, artists, album, explicit
        case isLocal = "is_local"
        case durationMS = "duration_ms"
        case discNumber = "disc_number"
        case trackNumber = "track_number"
        case isPlayable = "is_playable"
        case codes = "external_ids"
    }

    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        id = fields.lenient(.id)
        uri = fields.lenient(.uri)
        type = fields.lenient(.type)
        name = fields.lenient(.name)
        isLocal = fields.lenient(.isLocal) ?? false
        artists = fields.lenientList(.artists)
        album = fields.lenient(.album)
        durationMS = fields.lenient(.durationMS)
        discNumber = fields.lenient(.discNumber)
        trackNumber = fields.lenient(.trackNumber)
        explicit = fields.lenient(.explicit)
        isPlayable = fields.lenient(.isPlayable)
        codes = fields.lenient(.codes)
    }
}

struct SpotifyCodes: Decodable, Sendable {
    var isrc: String?
    var upc: String?
    var ean: String?
}

struct SpotifyArtistObject: Decodable, Sendable {
    var id: String?
    var name: String?
}

/// An album as Spotify sends it, in full or inside a track.
struct SpotifyAlbumObject: Decodable, Sendable {
    var id: String?
    var name: String?
    var kind: String?
    var artists: [SpotifyArtistObject]
    var trackTotal: Int?
    var releaseDate: String?
    var images: [Image]
    var genres: [String]
    var codes: SpotifyCodes?

    struct Image: Decodable, Sendable {
        var url: String
        var width: Int?
    }

    enum CodingKeys: String, CodingKey {
        case id, name, artists, images, genres
        case kind = "album_type"
        case trackTotal = "total_tracks"
        case releaseDate = "release_date"
        case codes = "external_ids"
    }

    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        id = fields.lenient(.id)
        name = fields.lenient(.name)
        kind = fields.lenient(.kind)
        artists = fields.lenientList(.artists)
        trackTotal = fields.lenient(.trackTotal)
        releaseDate = fields.lenient(.releaseDate)
        images = fields.lenientList(.images)
        genres = fields.lenientList(.genres)
        codes = fields.lenient(.codes)
    }
}

/// A playlist without its entries.
struct SpotifyPlaylistObject: Decodable, Sendable {
    var id: String?
    var name: String?
    var owner: Owner?
    var snapshot: String?
    var items: Items?

    struct Owner: Decodable, Sendable {
        var id: String?
    }

    struct Items: Decodable, Sendable {
        var total: Int?
    }

    enum CodingKeys: String, CodingKey {
        case id, name, owner, items, tracks
        case snapshot = "snapshot_id"
    }

    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        id = fields.lenient(.id)
        name = fields.lenient(.name)
        owner = fields.lenient(.owner)
        snapshot = fields.lenient(.snapshot)
        items = fields.lenient(.items) ?? fields.lenient(.tracks)
    }
}

/// A place in a playlist or among the saved tracks.
struct SpotifyEntryObject: Decodable, Sendable {
    var track: SpotifyTrackObject?

    enum CodingKeys: String, CodingKey {
        case item, track
    }

    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        track = fields.lenient(.item) ?? fields.lenient(.track)
    }
}

/// One page of a list; what stands in a place need not be readable.
struct SpotifyPage<Item: Decodable & Sendable>: Decodable, Sendable {
    var items: [Lenient<Item>]
    /// An address.
    var next: String?
    var offset: Int?
    var total: Int?
}

/// The results of a search for tracks.
struct SpotifyFound: Decodable, Sendable {
    var tracks: SpotifyPage<SpotifyTrackObject>
}

/// Why Spotify refuses a request.
struct SpotifyProblem: Decodable, Sendable {
    var error: Detail

    struct Detail: Decodable, Sendable {
        var message: String?
    }
}
