/// A recording as a catalogue lists it, in the catalogue's own words. What a catalogue leaves out is `nil`.
public struct CatalogueTrack: Codable, Sendable, Equatable {
    /// The catalogue's own id; `nil` for entries that it lists without one.
    public var id: String?
    public var name: String
    /// In the catalogue's order, the main artist first.
    public var artists: [CatalogueArtist]
    public var album: CatalogueAlbum?
    public var durationMS: Int?
    public var discNumber: Int?
    /// Counted on each disc anew.
    public var trackNumber: Int?
    public var explicit: Bool?
    /// Upper case, without hyphens (ISO 3901); `nil` when absent or malformed.
    public var isrc: String?
    /// Whether the account may play it; `nil` when the catalogue does not say.
    public var playable: Bool?

    public init(id: String?, name: String, artists: [CatalogueArtist], album: CatalogueAlbum? = nil) {
        self.id = id
        self.name = name
        self.artists = artists
        self.album = album
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

/// A release as a catalogue lists it.
public struct CatalogueAlbum: Codable, Sendable, Equatable {
    public enum Kind: String, Codable, Sendable {
        case album, single, compilation
    }

    public var id: String?
    /// May be empty, for a release that was taken down.
    public var name: String
    public var artists: [CatalogueArtist]
    public var kind: Kind?
    /// On all discs together.
    public var trackTotal: Int?
    /// `YYYY`, `YYYY-MM` or `YYYY-MM-DD`: as precise as the catalogue knows it, never padded.
    public var releaseDate: String?
    /// The widest picture.
    public var artworkURL: String?
    public var genres: [String]?
    /// The barcode: UPC or EAN.
    public var upc: String?

    public init(id: String?, name: String, artists: [CatalogueArtist] = []) {
        self.id = id
        self.name = name
        self.artists = artists
    }
}

/// A playlist as a catalogue lists it, without its entries.
public struct CataloguePlaylist: Codable, Sendable, Equatable {
    public var id: String
    public var name: String
    public var owner: String?
    /// Changes when the entries do; `nil` when the catalogue has no such mark.
    public var snapshot: String?
    /// How many entries it says it has; not all of them need be usable.
    public var total: Int?

    public init(id: String, name: String) {
        self.id = id
        self.name = name
    }
}

extension Int {
    /// A count or a place in an album as a job's contract has room for it: 1 … 9999; `nil` for any other number, which some
    /// entries of catalogues have.
    public var asPlace: Int? { (1...9999).contains(self) ? self : nil }
}
