import Foundation

/// The catalogue of a ``FakeSpotify`` and its behaviour.
public struct SpotifyFixture: Sendable {
    public var artists: [SpotifyArtist] = []
    public var albums: [SpotifyAlbum] = []
    public var tracks: [SpotifyTrack] = []
    public var playlists: [SpotifyPlaylist] = []
    /// The saved tracks of each user, the newest first.
    public var saved: [String: [SpotifyListEntry]] = [:]
    /// Ids of tracks that are replaced by other tracks.
    public var relinked: [String: String] = [:]
    /// Whether the limits of 2026 apply: small search pages, no batches, omitted fields.
    public var isInDevelopmentMode = true
    /// Whether search results contain a `null`, as the real service sometimes returns.
    public var searchHasNulls = false
    /// The value of `Cache-Control` in responses; `nil` for none.
    public var cacheControl: String?
    var tokens: [String: SpotifyToken] = [:]
    var faults: [SpotifyFaultRule] = []
    var requests: [SpotifyRequest] = []

    public init() {}
}

public struct SpotifyArtist: Sendable, Equatable {
    public var id: String
    public var name: String
}

public struct SpotifyAlbum: Sendable, Equatable {
    public var id: String
    public var name: String
    public var artistIDs: [String]
    /// `album`, `single` or `compilation`.
    public var type = "album"
    /// `1981`, `1981-12` or `1981-12-15`.
    public var releaseDate: String
    public var upc: String?
    public var hasArtwork = true
}

public struct SpotifyTrack: Sendable, Equatable {
    public var id: String
    public var name: String
    public var artistIDs: [String]
    public var albumID: String
    public var durationMS: Int
    public var discNumber = 1
    public var trackNumber = 1
    /// The ISRC in the catalogue. It can have lower-case letters and hyphens.
    public var isrc: String?
    public var isExplicit = false
    public var isPlayable = true
    /// Other words that find the track, such as its name in Latin letters.
    public var aliases: [String] = []
}

public struct SpotifyPlaylist: Sendable, Equatable {
    public var id: String
    public var name: String
    /// The only user who can see the entries.
    public var owner: String
    /// Increases with each change of the entries.
    public var snapshot = 1
    public var entries: [SpotifyListEntry] {
        didSet { snapshot += 1 }
    }
}

/// An entry of a playlist or of the saved tracks.
public enum SpotifyListEntry: Sendable, Equatable {
    case track(String)
    /// `null`: a track that was removed from the catalogue.
    case gone
    case episode(String)
    /// A local file of the user.
    case local(artist: String, title: String, album: String, seconds: Int)
    /// A complete track with `id: null`.
    case withoutID(String)
}

// MARK: - Adding content

extension SpotifyFixture {
    /// - Returns: The id.
    @discardableResult
    public mutating func addArtist(_ name: String) -> String {
        if let known = artists.first(where: { $0.name == name }) { return known.id }
        let id = Self.id("artist \(name)")
        artists.append(SpotifyArtist(id: id, name: name))
        return id
    }

    /// - Returns: The id.
    @discardableResult
    public mutating func addAlbum(
        _ name: String, by artists: [String], type: String = "album", date: String = "2019-05-17", upc: String? = nil
    ) -> String {
        let id = Self.id("album \(name) \(albums.count)")
        let artistIDs = artists.map { addArtist($0) }
        albums.append(
            SpotifyAlbum(id: id, name: name, artistIDs: artistIDs, type: type, releaseDate: date, upc: upc))
        return id
    }

    /// Adds a track at the end of its album.
    /// - Returns: The id.
    @discardableResult
    public mutating func addTrack(
        _ name: String, by artists: [String], on album: String, ms: Int, isrc: String? = nil, disc: Int = 1,
        aliases: [String] = []
    ) -> String {
        let id = Self.id("track \(name) \(tracks.count)")
        let number = tracks.count { $0.albumID == album && $0.discNumber == disc } + 1
        let artistIDs = artists.map { addArtist($0) }
        tracks.append(
            SpotifyTrack(
                id: id, name: name, artistIDs: artistIDs, albumID: album, durationMS: ms, discNumber: disc,
                trackNumber: number, isrc: isrc, aliases: aliases))
        return id
    }

    /// - Returns: The id.
    @discardableResult
    public mutating func addPlaylist(_ name: String, owner: String, _ entries: [SpotifyListEntry]) -> String {
        let id = Self.id("playlist \(name) \(owner)")
        playlists.append(SpotifyPlaylist(id: id, name: name, owner: owner, entries: entries))
        return id
    }

    /// Returns the id of the first track with a name, optionally on an album with a name.
    public func trackID(_ name: String, on album: String? = nil) -> String? {
        let albumIDs = albums.filter { $0.name == album }.map(\.id)
        return tracks.first { $0.name == name && (album == nil || albumIDs.contains($0.albumID)) }?.id
    }

    public func albumID(_ name: String) -> String? { albums.first { $0.name == name }?.id }
    public func artistID(_ name: String) -> String? { artists.first { $0.name == name }?.id }
    public func playlistID(_ name: String) -> String? { playlists.first { $0.name == name }?.id }

    /// Returns 22 characters of base62 that depend only on the name.
    static func id(_ name: String) -> String {
        let digits = Array("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        return String(
            (0..<22).map { _ in
                hash = hash &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return digits[Int((hash >> 33) % 62)]
            })
    }
}
