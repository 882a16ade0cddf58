public import Contracts
import Foundation
import HTTPClient

/// MusicBrainz as a catalogue: recordings are its tracks, releases its albums. It has no playlists.
///
/// It answers one request a second to each host, and none to a program that does not name itself: the budget must see to
/// the first, `userAgent` to the second. Close it when done.
public final class MusicBrainzCatalogue: MusicCatalogue {
    public let name = "musicbrainz"
    private let base: String
    private let connection: ProviderConnection

    /// - Parameters:
    ///   - budget: that of all processes, one request a second.
    ///   - userAgent: `HDM/<version> ( <address> )`.
    public init(
        _ settings: MusicBrainzSettings, budget: any RequestBudget, userAgent: String,
        now: @escaping @Sendable () -> Timestamp = { .now }
    ) {
        base = WebAddress.base(settings.url)
        connection = ProviderConnection(
            "MusicBrainz", settings.limits, refusals: [429, 503], userAgent: userAgent, budget: budget, now: now)
    }

    /// Ends all requests and closes the connections.
    public func close() async { await connection.close() }

    func get<Value: Decodable>(
        _ path: [String], _ query: [(String, String)], subject: String
    ) async throws -> Value {
        let response = try await connection.get(WebAddress.url(base, path, query + [("fmt", "json")]), headers: [:])
        switch response.status {
        case 200...299: break
        case 400, 404: throw CatalogueError.notFound(subject)
        case 403: throw CatalogueError.unavailable("MusicBrainz does not answer this program (status 403)")
        default: throw CatalogueError.unavailable("MusicBrainz answers status \(response.status) about \(subject)")
        }
        do {
            return try JSONDecoder().decode(Value.self, from: response.body)
        } catch {
            throw CatalogueError.unavailable("MusicBrainz's answer about \(subject) cannot be read")
        }
    }
}

extension MusicBrainzCatalogue {
    public func track(_ id: String) async throws -> CatalogueTrack {
        let subject = "the recording \(id)"
        let object: MusicBrainzRecordingObject = try await get(
            ["recording", id], [("inc", "artist-credits releases release-groups isrcs")], subject: subject)
        guard let track = CatalogueTrack(object) else { throw CatalogueError.notFound(subject) }
        return track
    }

    public func tracks(isrc: String) async throws -> [CatalogueTrack] {
        guard let code = ISRC.plain(isrc) else { return [] }
        do {
            let found: MusicBrainzRecordings = try await get(
                ["isrc", code], [("inc", "artist-credits releases release-groups")], subject: "the code \(code)")
            return found.recordings.compactMap { CatalogueTrack($0, code: code) }
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

    public func album(_ id: String) async throws -> CatalogueAlbum {
        guard let album = CatalogueAlbum(try await release(id)) else {
            throw CatalogueError.notFound("the release \(id)")
        }
        return album
    }

    /// All at once: a release is one answer.
    public func tracks(ofAlbum id: String, from offset: Int) async throws -> CataloguePage<CatalogueTrack> {
        let release = try await release(id)
        let tracks = release.media.flatMap { medium in
            medium.tracks.compactMap { $0.track(on: medium, of: release) }
        }
        return CataloguePage(entries: Array(tracks.dropFirst(offset)), next: nil, total: tracks.count)
    }

    public func artist(_ id: String) async throws -> CatalogueArtist {
        let object: MusicBrainzArtistObject = try await get(["artist", id], [], subject: "the artist \(id)")
        guard let name = object.name.filled else { throw CatalogueError.notFound("the artist \(id)") }
        return CatalogueArtist(id: object.id ?? id, name: name)
    }

    public func releases(ofArtist id: String, from offset: Int) async throws -> CataloguePage<CatalogueAlbum> {
        let query = [
            ("artist", id), ("inc", "artist-credits release-groups media"), ("limit", "100"), ("offset", "\(offset)"),
        ]
        let page: MusicBrainzReleases = try await get(["release"], query, subject: "the artist \(id)")
        let end = (page.offset ?? offset) + page.releases.count
        return CataloguePage(
            entries: page.releases.compactMap(CatalogueAlbum.init),
            next: !page.releases.isEmpty && end < page.count ?? 0 ? end : nil, total: page.count)
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

    private func release(_ id: String) async throws -> MusicBrainzReleaseObject {
        if id.hasPrefix(Self.groupMark) {
            return try await release(try await chosenRelease(ofGroup: String(id.dropFirst(Self.groupMark.count))))
        }
        return try await get(
            ["release", id], [("inc", "recordings artist-credits isrcs release-groups")],
            subject: "the release \(id)")
    }

    /// Inside quotes of a Lucene query.
    private static func escaped(_ text: String) -> String {
        text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
    }
}

extension MusicBrainzReleaseObject.Position {
    fileprivate func track(
        on medium: MusicBrainzReleaseObject.Medium, of release: MusicBrainzReleaseObject
    ) -> CatalogueTrack? {
        guard var object = recording else { return nil }
        if object.credit.isEmpty { object.credit = release.credit }
        object.releases = []
        guard var track = CatalogueTrack(object) else { return nil }
        track.name = title.filled ?? track.name
        track.durationMS = length ?? track.durationMS
        track.discNumber = medium.position
        track.trackNumber = position
        return track
    }
}
