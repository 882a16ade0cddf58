/// A catalogue of recordings: Spotify, MusicBrainz.
///
/// Every call may wait for the budget that all processes share. It fails with
/// ``CatalogueError/paused(until:because:)`` when that would take too long. Every call throws ``CatalogueError`` or
/// `CancellationError`.
public protocol MusicCatalogue: Sendable {
    /// The name in settings, logs and provenance, such as `spotify`.
    var name: String { get }

    /// Returns the track with an id.
    func track(_ id: String) async throws -> CatalogueTrack
    /// Returns the tracks with an ISRC. Several releases may contain the recording. Empty when there is none.
    func tracks(isrc: String) async throws -> [CatalogueTrack]
    /// Returns the results of a search, best first. They are not filtered exactly and must be judged.
    func search(_ query: CatalogueQuery) async throws -> [CatalogueTrack]

    /// Returns the album with an id.
    func album(_ id: String) async throws -> CatalogueAlbum
    /// Returns tracks of an album. They may lack `album` and `isrc`.
    func tracks(ofAlbum id: String, from offset: Int) async throws -> CataloguePage<CatalogueTrack>
    /// Returns the artist with an id.
    func artist(_ id: String) async throws -> CatalogueArtist
    /// Returns releases of an artist, possibly with duplicates.
    /// - Throws: ``CatalogueError/tooLarge(_:)`` when the artist has more releases than `HDM_ARTIST_RELEASES_MAX`.
    func releases(ofArtist id: String, from offset: Int) async throws -> CataloguePage<CatalogueAlbum>

    /// Returns the playlist with an id.
    func playlist(_ id: String) async throws -> CataloguePlaylist
    /// Returns entries of a playlist.
    func entries(ofPlaylist id: String, from offset: Int) async throws -> CataloguePage<CatalogueEntry>
    /// Returns the signed-in user's saved tracks, the newest first.
    func savedTracks(from offset: Int) async throws -> CataloguePage<CatalogueEntry>
}

/// The words of a search.
public struct CatalogueQuery: Sendable, Equatable {
    public var artist: String?
    public var title: String
    public var album: String?

    public init(artist: String?, title: String, album: String? = nil) {
        self.artist = artist
        self.title = title
        self.album = album
    }
}

/// The largest number of an artist's releases that is read (`HDM_ARTIST_RELEASES_MAX`).
///
/// Collective names such as `Various Artists` have many thousands, which nobody requests on purpose.
public struct ReleaseLimit: Sendable, Equatable {
    public var count: Int

    public init(_ count: Int = 1000) { self.count = count }

    /// - Parameter total: The number of releases, according to the catalogue, or the offset that was reached.
    /// - Throws: ``CatalogueError/tooLarge(_:)``.
    func check(_ total: Int, of subject: String) throws(CatalogueError) {
        guard total > count else { return }
        throw .tooLarge(
            "\(subject) has \(total) releases, and HDM_ARTIST_RELEASES_MAX allows \(count); add single releases, or raise "
                + "the setting")
    }
}
