public import Contracts

/// A recording as a catalogue lists it. Fields that the catalogue omits are `nil`.
public struct CatalogueTrack: Codable, Sendable, Equatable {
    /// The catalogue's id; `nil` for entries without one.
    public var id: String?
    public var name: String
    /// In the catalogue's order, the main artist first.
    public var artists: [CatalogueArtist]
    public var album: CatalogueAlbum?
    public var durationMS: Int?
    public var discNumber: Int?
    /// The position on the disc, from 1.
    public var trackNumber: Int?
    public var explicit: Bool?
    /// A well-formed ISRC in the form of `ISRC.text`; `nil` when it is absent or malformed.
    public var isrc: String?
    /// Whether the account may play the track; `nil` when the catalogue does not say.
    public var playable: Bool?

    public init(id: String?, name: String, artists: [CatalogueArtist], album: CatalogueAlbum? = nil) {
        self.id = id
        self.name = name
        self.artists = artists
        self.album = album
    }
}

extension CatalogueTrack {
    /// The track in the form of a request, to compare it with a wanted track.
    public var track: Track {
        var track = Track(artist: artists.first?.name ?? "", title: name, album: album?.name)
        track.artists = artists.map(\.name)
        track.durationMS = durationMS
        track.isrc = isrc
        track.explicit = explicit
        return track
    }
}

/// An artist as a catalogue lists it.
public struct CatalogueArtist: Codable, Sendable, Equatable {
    public var id: String?
    public var name: String

    public init(id: String?, name: String) {
        self.id = id
        self.name = name
    }
}

/// A playlist as a catalogue lists it, without its entries.
public struct CataloguePlaylist: Codable, Sendable, Equatable {
    public var id: String
    public var name: String
    public var owner: String?
    /// Changes when the entries change; `nil` when the catalogue has no such mark.
    public var snapshot: String?
    /// The number of entries, according to the catalogue. Some of them may be unusable.
    public var total: Int?

    public init(id: String, name: String) {
        self.id = id
        self.name = name
    }
}
