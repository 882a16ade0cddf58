/// A catalogue of recordings that can be asked: Spotify, MusicBrainz.
///
/// Every call may wait for the budget that all processes share, and fails with ``CatalogueError/paused(until:because:)``
/// when that would take too long.
public protocol MusicCatalogue: Sendable {
    /// Its name in settings, logs and provenance, such as `spotify`.
    var name: String { get }

    func track(_ id: String) async throws -> CatalogueTrack
    /// The tracks with this code; several releases may have the same recording. Empty when there is none.
    func tracks(isrc: String) async throws -> [CatalogueTrack]
    /// What the catalogue finds for words, best first; not filtered exactly: judge it.
    func search(_ query: CatalogueQuery) async throws -> [CatalogueTrack]

    func album(_ id: String) async throws -> CatalogueAlbum
    /// Tracks of an album; they may lack `album` and `isrc`.
    func tracks(ofAlbum id: String, from offset: Int) async throws -> CataloguePage<CatalogueTrack>
    func artist(_ id: String) async throws -> CatalogueArtist
    /// Albums and singles of an artist, with the doubles that the catalogue lists.
    func releases(ofArtist id: String, from offset: Int) async throws -> CataloguePage<CatalogueAlbum>

    func playlist(_ id: String) async throws -> CataloguePlaylist
    func entries(ofPlaylist id: String, from offset: Int) async throws -> CataloguePage<CatalogueEntry>
    /// The signed-in user's saved tracks, the newest first.
    func savedTracks(from offset: Int) async throws -> CataloguePage<CatalogueEntry>
}

/// Words to search a catalogue with.
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
