/// A release, or a group of its editions, as a catalogue lists it.
public struct CatalogueAlbum: Codable, Sendable, Equatable {
    public enum Kind: String, Codable, Sendable {
        case album, single, compilation
    }

    /// The catalogue's id. The id of a release group of MusicBrainz is `release-group/<id>`.
    public var id: String?
    /// May be empty, for a release that was taken down.
    public var name: String
    public var artists: [CatalogueArtist]
    public var kind: Kind?
    /// The number of tracks on all discs together.
    public var trackTotal: Int?
    /// `YYYY`, `YYYY-MM` or `YYYY-MM-DD`, as precise as the catalogue states it.
    public var releaseDate: String?
    /// The address of the widest picture.
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

extension Int {
    /// The number when a job's document has room for it as a position or a count (1 … 9999), otherwise `nil`.
    public var asPlace: Int? { (1...9999).contains(self) ? self : nil }
}
