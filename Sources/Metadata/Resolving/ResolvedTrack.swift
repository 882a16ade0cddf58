public import Contracts

/// A track that is completed from catalogues, and who each of its fields is from.
///
/// The job's own fields stay, but for those that ``Proof`` lets a catalogue put right.
public struct ResolvedTrack: Sendable, Equatable {
    /// The source of fields that the job itself has.
    public static let job = "job"

    public private(set) var track: Track
    /// By the field's name in documents.
    public private(set) var provenance: [String: String]
    /// The id under which Spotify has it.
    public private(set) var spotifyID: String?

    /// What is known of the listed recording, beside that it is the wanted one.
    public struct Proof: Sendable, Equatable {
        /// An identifier says so: the catalogue knows the length better.
        public var isIdentified: Bool
        /// The job's names are in another script than the catalogue's, which are those that files bear.
        public var hasOtherScript: Bool
        /// The listed album is the wanted one, or none was named: places and dates of other editions would be wrong.
        public var isOnAlbum: Bool

        public init(isIdentified: Bool, hasOtherScript: Bool, isOnAlbum: Bool) {
            self.isIdentified = isIdentified
            self.hasOtherScript = hasOtherScript
            self.isOnAlbum = isOnAlbum
        }
    }

    public init(_ own: Track) {
        track = own
        provenance = [:]
        for field in own.filledFields { provenance[field] = Self.job }
    }

    /// Lengths that differ by more are not those of one file, in milliseconds.
    private static let sameLength = 2_000

    /// Takes over what a catalogue lists.
    /// - Parameter provider: the catalogue's name.
    public mutating func take(_ listed: CatalogueTrack, from provider: String, _ proof: Proof) {
        let taken = TakenFields(listed)
        takeNames(taken, provider, proof)
        takeDuration(listed.durationMS, provider, proof)
        set(\.artists, "artists", taken.artists, provider)
        set(\.isrc, "isrc", listed.isrc, provider, replacing: track.isrc.flatMap(ISRC.plain) == nil)
        set(\.explicit, "explicit", listed.explicit, provider)
        if proof.isOnAlbum { takeRelease(listed, taken, provider, proof) }
        guard provider == "spotify" else { return }
        spotifyID = listed.id
        set(\.spotifyID, "spotify_id", listed.id, provider)
    }

    /// Takes over a code that another catalogue knows, and nothing else.
    public mutating func take(isrc: String, from provider: String) {
        set(\.isrc, "isrc", isrc, provider)
    }
}

extension ResolvedTrack {
    private mutating func takeNames(_ taken: TakenFields, _ provider: String, _ proof: Proof) {
        let isPutRight = proof.isIdentified && proof.hasOtherScript
        if track.artist.filled == nil || isPutRight { put(\.artist, "artist", taken.artist, provider) }
        if track.title.filled == nil || isPutRight { put(\.title, "title", taken.title, provider) }
        if isPutRight { track.artists = nil }
    }

    private mutating func takeDuration(_ duration: Int?, _ provider: String, _ proof: Proof) {
        guard let duration else { return }
        let isOff = track.durationMS.map { abs($0 - duration) > Self.sameLength } ?? false
        set(\.durationMS, "duration_ms", duration, provider, replacing: proof.isIdentified && isOff)
    }

    private mutating func takeRelease(
        _ listed: CatalogueTrack, _ taken: TakenFields, _ provider: String, _ proof: Proof
    ) {
        let isPutRight = proof.isIdentified && proof.hasOtherScript
        set(\.album, "album", taken.album, provider, replacing: isPutRight)
        set(\.albumArtist, "album_artist", taken.albumArtist, provider, replacing: isPutRight)
        set(\.trackNumber, "track_number", listed.trackNumber?.asPlace, provider)
        set(\.discNumber, "disc_number", listed.discNumber?.asPlace, provider)
        set(\.releaseDate, "release_date", listed.album?.releaseDate, provider)
        set(\.artworkURL, "artwork_url", listed.album?.artworkURL, provider)
        set(\.genres, "genres", listed.album?.genres, provider)
    }

    private mutating func put(
        _ field: WritableKeyPath<Track, String>, _ name: String, _ value: String?, _ provider: String
    ) {
        guard let value else { return }
        track[keyPath: field] = value
        provenance[name] = provider
    }

    private mutating func set<Value: Equatable>(
        _ field: WritableKeyPath<Track, Value?>, _ name: String, _ value: Value?, _ provider: String,
        replacing: Bool = false
    ) {
        guard let value, replacing || track[keyPath: field] == nil else { return }
        track[keyPath: field] = value
        provenance[name] = provider
    }
}

/// The texts of a listed recording, as a track has them.
private struct TakenFields {
    let title: String?
    let artist: String?
    let artists: [String]?
    let album: String?
    let albumArtist: String?

    init(_ listed: CatalogueTrack) {
        title = listed.name.filled
        artist = listed.artists.first?.name.filled
        artists = listed.artists.isEmpty ? nil : listed.artists.map(\.name)
        album = listed.album?.name.filled
        albumArtist = listed.album?.artists.first?.name.filled
    }
}

extension Track {
    /// The names of the fields that have a value.
    fileprivate var filledFields: [String] {
        let texts: [(String, String?)] = [
            ("artist", artist), ("title", title), ("album", album), ("album_artist", albumArtist), ("isrc", isrc),
            ("release_date", releaseDate), ("spotify_id", spotifyID), ("artwork_url", artworkURL),
        ]
        let others: [(String, Bool)] = [
            ("artists", artists != nil), ("duration_ms", durationMS != nil), ("track_number", trackNumber != nil),
            ("track_total", trackTotal != nil), ("disc_number", discNumber != nil), ("explicit", explicit != nil),
            ("genres", genres != nil),
        ]
        return texts.filter { $0.1.filled != nil }.map(\.0) + others.filter(\.1).map(\.0)
    }
}

extension CatalogueTrack {
    /// As a wanted track would be written down, to compare it with one.
    public var track: Track {
        var track = Track(artist: artists.first?.name ?? "", title: name, album: album?.name)
        track.artists = artists.map(\.name)
        track.durationMS = durationMS
        track.isrc = isrc
        track.explicit = explicit
        return track
    }
}
