import Contracts
import Foundation

extension FakeSpotify {
    /// Processes a request with the injected faults, and records it.
    /// - Returns: `nil` if the connection must be closed without a response.
    func respond(to call: FakeCall) async -> FakeResponse? {
        let (index, fault) = fixture.withLock { fixture in
            fixture.requests.append(
                SpotifyRequest(
                    method: call.method, target: call.target, startedAt: .now, condition: call.header("If-None-Match")))
            return (fixture.requests.count - 1, fixture.nextFault(call))
        }
        let response = if let fault { fault.response } else { await process(call) }
        fixture.withLock { $0.requests[index].status = response?.status }
        return response
    }

    private func process(_ call: FakeCall) async -> FakeResponse {
        guard call.segments.first == "v1" else {
            guard let accounts = accounts.withLock({ $0 }) else { return .empty(404) }
            return await accounts(call)
        }
        return fixture.withLock { fixture in
            do throws(FakeResponse) {
                return try fixture.response(to: call).conditional(
                    on: call.header("If-None-Match"), cacheControl: fixture.cacheControl)
            } catch {
                return error
            }
        }
    }
}

extension FakeResponse {
    /// Adds an entity tag. Returns 304 if the client has the same content.
    fileprivate func conditional(on known: String?, cacheControl: String?) -> FakeResponse {
        guard case .json(let value) = body, let bytes = try? ContractCoding.encode(value, sorted: true) else {
            return self
        }
        let hash = bytes.reduce(UInt64(0xCBF2_9CE4_8422_2325)) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
        let tag = "\"\(String(hash, radix: 16))\""
        var response = known == tag ? FakeResponse.empty(304) : self
        response.headers["ETag"] = tag
        response.headers["Cache-Control"] = cacheControl
        return response
    }
}

extension SpotifyFixture {
    /// Returns the response of the Web API, below `/v1`.
    func response(to call: FakeCall) throws(FakeResponse) -> FakeResponse {
        let token = try caller(call)
        guard call.method == "GET" else { throw .spotify(405, "Method not allowed") }
        let path = Array(call.segments.dropFirst())
        switch path.first {
        case "search": return try search(call)
        case "tracks", "albums", "artists": return try item(path, call)
        case "playlists": return try playlist(path, call, token)
        case "me": return try mine(Array(path.dropFirst()), call, token)
        default: throw .spotify(isInDevelopmentMode ? 403 : 404, isInDevelopmentMode ? "Forbidden" : "Not found.")
        }
    }

    private func item(_ path: [String], _ call: FakeCall) throws(FakeResponse) -> FakeResponse {
        guard path.count > 1 else { throw .spotify(403, "Forbidden") }
        let id = try identifier(path[1])
        switch (path[0], path.dropFirst(2).first) {
        case ("tracks", nil): return .json(200, json(try found(find(track: id))))
        case ("albums", nil): return .json(200, full(try found(albums.first { $0.id == id })))
        case ("albums", "tracks"): return try tracks(of: try found(albums.first { $0.id == id }), call)
        case ("artists", nil): return .json(200, reference(try found(artists.first { $0.id == id }).id))
        case ("artists", "albums"): return try releases(of: try found(artists.first { $0.id == id }), call)
        default: throw .spotify(403, "Forbidden")
        }
    }

    private func full(_ album: SpotifyAlbum) -> JSONValue {
        var members = simplified(album)
        members["external_ids"] = .members(["upc": album.upc.json])
        members["genres"] = []
        return .object(members)
    }

    private func tracks(of album: SpotifyAlbum, _ call: FakeCall) throws(FakeResponse) -> FakeResponse {
        let list = tracks.filter { $0.albumID == album.id }.map { JSONValue.object(simplified($0)) }
        return .json(200, try page(list, call, limit: 20, maximum: 50))
    }

    private func releases(of artist: SpotifyArtist, _ call: FakeCall) throws(FakeResponse) -> FakeResponse {
        let groups = call.query["include_groups"]?.split(separator: ",").map(String.init)
        let list = albums.filter { album in
            album.artistIDs.contains(artist.id) && groups?.contains(album.type) ?? true
        }
        let maximum = isInDevelopmentMode ? 10 : 50
        return .json(
            200, try page(list.map { .object(simplified($0)) }, call, limit: min(20, maximum), maximum: maximum))
    }

    private func playlist(
        _ path: [String], _ call: FakeCall, _ token: SpotifyToken
    ) throws(FakeResponse) -> FakeResponse {
        guard path.count > 1 else { throw .spotify(403, "Forbidden") }
        let id = try identifier(path[1])
        let playlist = try found(playlists.first { $0.id == id })
        switch path.dropFirst(2).first {
        case nil: return .json(200, json(playlist, to: token.user))
        case "items":
            let user = try user(token, with: "playlist-read-private")
            guard playlist.owner == user else { throw .spotify(403, "Forbidden") }
            let list = playlist.entries.map { entry in
                JSONValue.object([
                    "added_at": "2024-01-01T00:00:00Z", "added_by": .null, "is_local": .bool(entry.isLocal),
                    "item": json(entry),
                ])
            }
            return .json(200, try page(list, call, limit: 20, maximum: 50))
        default: throw .spotify(403, "Forbidden")
        }
    }

    private func mine(
        _ path: [String], _ call: FakeCall, _ token: SpotifyToken
    ) throws(FakeResponse) -> FakeResponse {
        switch path.first {
        case nil:
            let user = try user(token)
            return .json(200, ["id": .string(user), "account_id": .string("account-\(user)"), "display_name": .null])
        case "playlists":
            let user = try user(token, with: "playlist-read-private")
            return .json(200, try page(playlists.map { json($0, to: user) }, call, limit: 20, maximum: 50))
        case "tracks":
            let user = try user(token, with: "user-library-read")
            let list = (saved[user] ?? []).map { JSONValue.object(["added_at": .null, "track": json($0)]) }
            return .json(200, try page(list, call, limit: 20, maximum: 50))
        default: throw .spotify(403, "Forbidden")
        }
    }

    private func found<Item>(_ item: Item?) throws(FakeResponse) -> Item {
        guard let item else { throw .spotify(404, "Resource not found") }
        return item
    }

    private func identifier(_ text: String) throws(FakeResponse) -> String {
        let isBase62 = text.utf8.count == 22 && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) }
        guard isBase62 else { throw .spotify(400, "Invalid base62 id") }
        return text
    }
}

extension SpotifyListEntry {
    fileprivate var isLocal: Bool { if case .local = self { true } else { false } }
}
