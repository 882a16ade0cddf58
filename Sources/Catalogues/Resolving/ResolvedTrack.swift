public import Contracts

/// A track that catalogues complete, with the origin of each field.
///
/// Existing fields stay, except those that ``Evidence`` allows a catalogue to correct.
public struct ResolvedTrack: Sendable, Equatable {
    /// The origin of fields that the job itself has.
    public static let job = "job"

    public private(set) var track: Track
    /// The origin of each field, by the field's name in documents.
    public private(set) var provenance: [String: String]
    /// The track's id at Spotify.
    public private(set) var spotifyID: String?

    /// What is known about a listed recording that is the wanted one.
    struct Evidence: Sendable, Equatable {
        /// Whether an identifier, and not only names, connects both. Then the catalogue's duration is more reliable.
        var isIdentified: Bool
        /// Whether the job's names are in another script than the catalogue's. Files usually have the catalogue's names.
        var hasOtherScript: Bool
        /// Whether the listed album is the wanted one, or no album is wanted. Positions and dates of other editions would
        /// be wrong.
        var isOnAlbum: Bool
    }

    /// Starts with a request's own fields.
    public init(_ own: Track) {
        track = own
        provenance = own.origins(Self.job)
    }

    /// Starts with a section of a job, which names the origin of each field.
    init(_ section: MetadataSection) {
        track = section.track
        provenance = section.provenance.merging(section.track.origins(Self.job)) { origin, _ in origin }
        spotifyID = section.spotifyID
    }

    /// Takes over the fields of a listed recording.
    /// - Parameter provider: The catalogue's name.
    mutating func complete(with listed: CatalogueTrack, from provider: String, _ evidence: Evidence) {
        let fields = ListedFields(listed)
        completeNames(fields, provider, evidence)
        completeDuration(listed.durationMS, provider, evidence)
        set(\.artists, "artists", fields.artists, provider)
        completeISRC(listed.isrc, from: provider)
        set(\.explicit, "explicit", listed.explicit, provider)
        if evidence.isOnAlbum { completeRelease(listed, fields, provider, evidence) }
        guard provider == "spotify" else { return }
        spotifyID = listed.id
        set(\.spotifyID, "spotify_id", listed.id, provider)
    }

    /// Takes over an ISRC, unless the track has a well-formed one.
    mutating func completeISRC(_ isrc: String?, from provider: String) {
        set(\.isrc, "isrc", isrc, provider, replacing: track.isrc.flatMap { ISRC($0) } == nil)
    }
}

// MARK: - Fields

extension ResolvedTrack {
    private mutating func completeNames(_ fields: ListedFields, _ provider: String, _ evidence: Evidence) {
        let isCorrected = evidence.isIdentified && evidence.hasOtherScript
        if track.artist.filled == nil || isCorrected { put(\.artist, "artist", fields.artist, provider) }
        if track.title.filled == nil || isCorrected { put(\.title, "title", fields.title, provider) }
        if isCorrected { track.artists = nil }
    }

    private mutating func completeDuration(_ duration: Int?, _ provider: String, _ evidence: Evidence) {
        guard let duration else { return }
        let isWrong = track.durationMS.map { !DurationTolerance.sameRelease.accepts($0, for: duration) } ?? false
        set(\.durationMS, "duration_ms", duration, provider, replacing: evidence.isIdentified && isWrong)
    }

    private mutating func completeRelease(
        _ listed: CatalogueTrack, _ fields: ListedFields, _ provider: String, _ evidence: Evidence
    ) {
        let isCorrected = evidence.isIdentified && evidence.hasOtherScript
        set(\.album, "album", fields.album, provider, replacing: isCorrected)
        set(\.albumArtist, "album_artist", fields.albumArtist, provider, replacing: isCorrected)
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

/// The names of a listed recording in the form of a track's fields.
private struct ListedFields {
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
