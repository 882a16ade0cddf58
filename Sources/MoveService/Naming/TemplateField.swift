/// A field of ``MoveTemplate``.
enum TemplateField: String, CaseIterable, Sendable {
    case artist = "Artist"
    case albumArtist = "AlbumArtist"
    case album = "Album"
    case title = "Title"
    case year = "Year"
    case track = "Track"
    case disc = "Disc"
    case isrc = "ISRC"
    case genre = "Genre"
    case fileExtension = "ext"

    /// Finds a field by its name, in upper or lower case.
    init?(named name: Substring) {
        let lower = name.lowercased()
        guard let field = Self.allCases.first(where: { $0.rawValue.lowercased() == lower }) else { return nil }
        self = field
    }

    /// Whether a width such as `:02d` is possible.
    var isNumber: Bool { self == .track || self == .disc || self == .year }

    /// Whether the tracks of one album have different values.
    var namesTrack: Bool { self == .title || self == .track || self == .isrc }

    /// Replaces a value that has no character that a name can contain.
    var unknown: String {
        switch self {
        case .artist, .albumArtist: "Unknown Artist"
        case .album: "Unknown Album"
        case .title: "Unknown Title"
        case .year, .track, .disc, .isrc, .genre, .fileExtension: ""
        }
    }
}
