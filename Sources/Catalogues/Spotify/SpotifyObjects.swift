import Foundation

/// A track in a response of Spotify. Every field is optional, because Spotify has removed fields before.
struct SpotifyTrackObject: Decodable, Sendable {
    @Lenient var id: String?
    @Lenient var uri: String?
    @Lenient var type: String?
    @Lenient var name: String?
    @Lenient var isLocal: Bool?
    @LenientList var artists: [SpotifyArtistObject]
    @Lenient var album: SpotifyAlbumObject?
    @Lenient var durationMS: Int?
    @Lenient var discNumber: Int?
    @Lenient var trackNumber: Int?
    @Lenient var explicit: Bool?
    @Lenient var isPlayable: Bool?
    @Lenient var codes: SpotifyCodes?

    enum CodingKeys: String, CodingKey {
        case id, uri, type, name, artists, album, explicit
        case isLocal = "is_local"
        case durationMS = "duration_ms"
        case discNumber = "disc_number"
        case trackNumber = "track_number"
        case isPlayable = "is_playable"
        case codes = "external_ids"
    }
}

struct SpotifyCodes: Decodable, Sendable {
    @Lenient var isrc: String?
    @Lenient var upc: String?
    @Lenient var ean: String?
}

struct SpotifyArtistObject: Decodable, Sendable {
    @Lenient var id: String?
    @Lenient var name: String?
}

/// An album in a response of Spotify, in full or inside a track.
struct SpotifyAlbumObject: Decodable, Sendable {
    @Lenient var id: String?
    @Lenient var name: String?
    @Lenient var kind: String?
    @LenientList var artists: [SpotifyArtistObject]
    @Lenient var trackTotal: Int?
    @Lenient var releaseDate: String?
    @LenientList var images: [Image]
    @LenientList var genres: [String]
    @Lenient var codes: SpotifyCodes?

    struct Image: Decodable, Sendable {
        var url: String
        @Lenient var width: Int?
    }

    enum CodingKeys: String, CodingKey {
        case id, name, artists, images, genres
        case kind = "album_type"
        case trackTotal = "total_tracks"
        case releaseDate = "release_date"
        case codes = "external_ids"
    }
}

/// A playlist without its entries.
struct SpotifyPlaylistObject: Decodable, Sendable {
    @Lenient var id: String?
    @Lenient var name: String?
    @Lenient var owner: Owner?
    @Lenient var snapshot: String?
    @Lenient var items: Items?
    /// The name of `items` before 2026.
    @Lenient var tracks: Items?

    struct Owner: Decodable, Sendable {
        @Lenient var id: String?
    }

    struct Items: Decodable, Sendable {
        @Lenient var total: Int?
    }

    enum CodingKeys: String, CodingKey {
        case id, name, owner, items, tracks
        case snapshot = "snapshot_id"
    }
}

/// An entry of a playlist or of the saved tracks.
struct SpotifyEntryObject: Decodable, Sendable {
    @Lenient var item: SpotifyTrackObject?
    @Lenient var track: SpotifyTrackObject?
}

/// One page of a list. Items may be unreadable.
struct SpotifyPage<Item: Decodable & Sendable>: Decodable, Sendable {
    var items: [Lenient<Item>]
    /// The URL of the next page.
    @Lenient var next: String?
    @Lenient var offset: Int?
    @Lenient var total: Int?
}

/// The results of a search for tracks.
struct SpotifyFound: Decodable, Sendable {
    var tracks: SpotifyPage<SpotifyTrackObject>
}

/// An error response.
struct SpotifyProblem: Decodable, Sendable {
    var error: Detail

    struct Detail: Decodable, Sendable {
        @Lenient var message: String?
    }
}
