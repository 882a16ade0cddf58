/// A recording with its known metadata.
public struct Track: Codable, Sendable, Equatable {
    /// Empty if an identifier, ``isrc`` or ``spotifyID``, identifies the recording.
    public var artist: String
    /// Empty under the same condition as ``artist``.
    public var title: String
    /// Every credited artist, the main one first.
    public var artists: [String]?
    public var album: String?
    public var albumArtist: String?
    /// The International Standard Recording Code as it was given. Only a well-formed one identifies a recording:
    /// ``ISRC``.
    public var isrc: String?
    public var durationMS: Int?
    public var trackNumber: Int?
    public var trackTotal: Int?
    public var discNumber: Int?
    /// `YYYY`, `YYYY-MM` or `YYYY-MM-DD`.
    public var releaseDate: String?
    public var explicit: Bool?
    public var spotifyID: String?
    public var artworkURL: String?
    public var genres: [String]?
    public var unknown: UnknownFields = [:]

    public init(artist: String, title: String, album: String? = nil) {
        self.artist = artist
        self.title = title
        self.album = album
    }

    enum CodingKeys: String, CodingKey, CaseIterable {
        case artist, title, artists, album, isrc, explicit, genres
        case albumArtist = "album_artist"
        case durationMS = "duration_ms"
        case trackNumber = "track_number"
        case trackTotal = "track_total"
        case discNumber = "disc_number"
        case releaseDate = "release_date"
        case spotifyID = "spotify_id"
        case artworkURL = "artwork_url"
    }

    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        artist = try fields.decodeIfPresent(String.self, forKey: .artist) ?? ""
        title = try fields.decodeIfPresent(String.self, forKey: .title) ?? ""
        artists = try fields.decodeIfPresent([String].self, forKey: .artists)
        album = try fields.decodeIfPresent(String.self, forKey: .album)
        albumArtist = try fields.decodeIfPresent(String.self, forKey: .albumArtist)
        isrc = try fields.decodeIfPresent(String.self, forKey: .isrc)
        durationMS = try fields.decodeWholeIfPresent(forKey: .durationMS, in: 0...Limits.milliseconds)
        trackNumber = try fields.decodeWholeIfPresent(forKey: .trackNumber, in: 0...9999)
        trackTotal = try fields.decodeWholeIfPresent(forKey: .trackTotal, in: 0...9999)
        discNumber = try fields.decodeWholeIfPresent(forKey: .discNumber, in: 0...9999)
        releaseDate = try fields.decodeIfPresent(String.self, forKey: .releaseDate)
        explicit = try fields.decodeIfPresent(Bool.self, forKey: .explicit)
        spotifyID = try fields.decodeIfPresent(String.self, forKey: .spotifyID)
        artworkURL = try fields.decodeIfPresent(String.self, forKey: .artworkURL)
        genres = try fields.decodeIfPresent([String].self, forKey: .genres)
        unknown = try decoder.unknownFields(beside: CodingKeys.self)
        try checkNames(fields, at: decoder.codingPath)
    }

    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        if !artist.isEmpty { try fields.encode(artist, forKey: .artist) }
        if !title.isEmpty { try fields.encode(title, forKey: .title) }
        try fields.encodeIfPresent(artists, forKey: .artists)
        try fields.encodeIfPresent(album, forKey: .album)
        try fields.encodeIfPresent(albumArtist, forKey: .albumArtist)
        try fields.encodeIfPresent(isrc, forKey: .isrc)
        try fields.encodeIfPresent(durationMS, forKey: .durationMS)
        try fields.encodeIfPresent(trackNumber, forKey: .trackNumber)
        try fields.encodeIfPresent(trackTotal, forKey: .trackTotal)
        try fields.encodeIfPresent(discNumber, forKey: .discNumber)
        try fields.encodeIfPresent(releaseDate, forKey: .releaseDate)
        try fields.encodeIfPresent(explicit, forKey: .explicit)
        try fields.encodeIfPresent(spotifyID, forKey: .spotifyID)
        try fields.encodeIfPresent(artworkURL, forKey: .artworkURL)
        try fields.encodeIfPresent(genres, forKey: .genres)
        try encoder.encode(unknown: unknown)
    }
}

extension Track {
    /// Whether the track has an identifier for catalogues.
    private var hasIdentifier: Bool { [isrc, spotifyID].contains { !($0 ?? "").isBlank } }

    /// Checks that a track without an identifier has both names.
    private func checkNames(_ fields: KeyedDecodingContainer<CodingKeys>, at path: [any CodingKey]) throws {
        for (text, key) in [(artist, CodingKeys.artist), (title, .title)] {
            guard text.utf8.count <= 4096 else {
                throw ContractViolation(path: path + [key], problem: "must not be longer than 4096 bytes")
            }
            guard text.isBlank, !hasIdentifier else { continue }
            let problem =
                try fields.contains(key) && !fields.decodeNil(forKey: key) ? "must not be empty" : "is missing"
            throw ContractViolation(path: path + [key], problem: problem)
        }
    }
}
