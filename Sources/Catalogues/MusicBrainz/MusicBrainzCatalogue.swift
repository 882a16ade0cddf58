public import Contracts
import Foundation
import HTTPClient

/// MusicBrainz as a catalogue: recordings are tracks, releases and release groups are albums. It has no playlists.
///
/// MusicBrainz accepts one request a second from each host, which the budget must enforce. It refuses programs that do not
/// name themselves in `User-Agent`. Close it at the end.
public final class MusicBrainzCatalogue: MusicCatalogue {
    public let name = "musicbrainz"
    private let base: String
    private let releaseLimit: ReleaseLimit
    private let connection: ProviderConnection

    /// A recording, a release or an artist with an id rarely changes.
    private static let entityAge = Duration.seconds(86_400)

    /// - Parameters:
    ///   - budget: The budget of all processes: one request a second.
    ///   - cache: Stores responses; `nil` for none.
    ///   - userAgent: `HDM/<version> ( <contact> )`.
    public init(
        _ settings: MusicBrainzSettings, budget: any RequestBudget, cache: ResponseCache? = nil, userAgent: String,
        now: @escaping @Sendable () -> Timestamp = { .now }
    ) {
        base = WebAddress.base(settings.url)
        releaseLimit = settings.releaseLimit
        connection = ProviderConnection(
            "MusicBrainz", settings.limits, refusals: [429, 503], userAgent: userAgent, budget: budget, cache: cache,
            now: now)
    }

    /// Ends all requests and closes the connections.
    public func close() async { await connection.close() }

    /// Makes a request and decodes the response.
    ///
    /// A response about a single entity (a path of two segments) is reused for a day. Searches and lists are not.
    func get<Value: Decodable>(
        _ path: [String], _ query: [(String, String)], subject: String
    ) async throws -> Value {
        let isEntity = path.count == 2 && path.first != "isrc"
        let rule = CacheRule(scope: "musicbrainz", defaultAge: isEntity ? Self.entityAge : .zero)
        let url = WebAddress.url(base, path, query + [("fmt", "json")])
        let response = try await connection.get(url, headers: [:], rule)
        switch response.status {
        case 200...299: break
        case 400, 404: throw CatalogueError.notFound(subject)
        case 403: throw CatalogueError.unavailable("MusicBrainz refuses this program (status 403); set HDM_CONTACT")
        default:
            throw CatalogueError.unavailable("MusicBrainz responded with status \(response.status) about \(subject)")
        }
        do {
            return try JSONDecoder().decode(Value.self, from: response.body)
        } catch {
            throw CatalogueError.unavailable("MusicBrainz's response about \(subject) cannot be read")
        }
    }
}

// MARK: - Recordings

extension MusicBrainzCatalogue {
    public func track(_ id: String) async throws -> CatalogueTrack {
        let subject = "the recording \(id)"
        let object: MusicBrainzRecordingObject = try await get(
            ["recording", id], [("inc", "artist-credits releases release-groups isrcs")], subject: subject)
        guard let track = CatalogueTrack(object) else { throw CatalogueError.notFound(subject) }
        return track
    }

    public func tracks(isrc: String) async throws -> [CatalogueTrack] {
        guard let code = ISRC(isrc)?.text else { return [] }
        do {
            let found: MusicBrainzRecordings = try await get(
                ["isrc", code], [("inc", "artist-credits releases release-groups")], subject: "the ISRC \(code)")
            return found.recordings.compactMap { CatalogueTrack($0, isrc: code) }
        } catch CatalogueError.notFound {
            return []
        }
    }

    public func search(_ query: CatalogueQuery) async throws -> [CatalogueTrack] {
        var words = ["recording:\"\(Self.escaped(query.title))\""]
        if let artist = query.artist.filled { words.append("artist:\"\(Self.escaped(artist))\"") }
        let found: MusicBrainzRecordings = try await get(
            ["recording"], [("query", words.joined(separator: " AND ")), ("limit", "10")], subject: "a search")
        return found.recordings.compactMap { CatalogueTrack($0) }
    }

    /// Escapes a text for a quoted phrase of a Lucene query.
    private static func escaped(_ text: String) -> String {
        text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
    }
}

// MARK: - Artists and lists

extension MusicBrainzCatalogue {
    public func artist(_ id: String) async throws -> CatalogueArtist {
        let object: MusicBrainzArtistObject = try await get(["artist", id], [], subject: "the artist \(id)")
        guard let name = object.name.filled else { throw CatalogueError.notFound("the artist \(id)") }
        return CatalogueArtist(id: object.id ?? id, name: name)
    }

    /// Returns the artist's release groups. Each one stands for all editions of a release.
    public func releases(ofArtist id: String, from offset: Int) async throws -> CataloguePage<CatalogueAlbum> {
        let subject = "the artist \(id)"
        try releaseLimit.check(offset, of: subject)
        let query = [("artist", id), ("inc", "artist-credits"), ("limit", "100"), ("offset", "\(offset)")]
        let page: MusicBrainzReleaseGroups = try await get(["release-group"], query, subject: subject)
        try releaseLimit.check(page.count ?? 0, of: subject)
        let end = (page.offset ?? offset) + page.groups.count
        return CataloguePage(
            entries: page.groups.compactMap { CatalogueAlbum($0) },
            next: !page.groups.isEmpty && end < page.count ?? 0 ? end : nil, total: page.count)
    }

    public func playlist(_ id: String) async throws -> CataloguePlaylist {
        throw CatalogueError.unsupported("playlists")
    }

    public func entries(ofPlaylist id: String, from offset: Int) async throws -> CataloguePage<CatalogueEntry> {
        throw CatalogueError.unsupported("playlists")
    }

    public func savedTracks(from offset: Int) async throws -> CataloguePage<CatalogueEntry> {
        throw CatalogueError.unsupported("saved tracks")
    }
}
