extension SpotifyCatalogue {
    public func album(_ id: String) async throws -> CatalogueAlbum {
        let subject = "the album \(id)"
        let path = ["albums", try Self.checked(id, subject)]
        let object: SpotifyAlbumObject = try await get(SpotifyCall(path: path, query: market, subject: subject))
        guard let album = CatalogueAlbum(object) else { throw CatalogueError.notFound(subject) }
        return album
    }

    public func tracks(ofAlbum id: String, from offset: Int) async throws -> CataloguePage<CatalogueTrack> {
        let subject = "the album \(id)"
        let path = ["albums", try Self.checked(id, subject), "tracks"]
        let page: SpotifyPage<SpotifyTrackObject> = try await list(path, from: offset, limit: 50, subject: subject)
        return CataloguePage(page) { object in object.map { CatalogueTrack($0) } }
    }

    public func artist(_ id: String) async throws -> CatalogueArtist {
        let subject = "the artist \(id)"
        let path = ["artists", try Self.checked(id, subject)]
        let object: SpotifyArtistObject = try await get(SpotifyCall(path: path, subject: subject))
        guard let artist = CatalogueArtist(object) else { throw CatalogueError.notFound(subject) }
        return artist
    }

    public func releases(ofArtist id: String, from offset: Int) async throws -> CataloguePage<CatalogueAlbum> {
        let subject = "the artist \(id)"
        let path = ["artists", try Self.checked(id, subject), "albums"]
        let page: SpotifyPage<SpotifyAlbumObject> = try await list(
            path, [("include_groups", "album,single")], from: offset, limit: 10, subject: subject)
        return CataloguePage(page) { object in object.flatMap { CatalogueAlbum($0) } }
    }

    public func playlist(_ id: String) async throws -> CataloguePlaylist {
        let subject = "the playlist \(id)"
        let path = ["playlists", try Self.checked(id, subject)]
        let object: SpotifyPlaylistObject = try await get(SpotifyCall(path: path, access: .user, subject: subject))
        return CataloguePlaylist(object, id: id)
    }

    public func entries(ofPlaylist id: String, from offset: Int) async throws -> CataloguePage<CatalogueEntry> {
        let subject = "the playlist \(id)"
        let path = ["playlists", try Self.checked(id, subject), "items"]
        let page: SpotifyPage<SpotifyEntryObject> = try await list(
            path, [("additional_types", "track")], from: offset, limit: 50, access: .user, subject: subject)
        return CataloguePage(page) { CatalogueEntry($0) }
    }

    public func savedTracks(from offset: Int) async throws -> CataloguePage<CatalogueEntry> {
        let page: SpotifyPage<SpotifyEntryObject> = try await list(
            ["me", "tracks"], from: offset, limit: 50, access: .user, subject: "the saved tracks")
        return CataloguePage(page) { CatalogueEntry($0) }
    }

    private func list<Item>(
        _ path: [String], _ query: [(String, String)] = [], from offset: Int, limit: Int,
        access: SpotifyAccess = .app, subject: String
    ) async throws -> SpotifyPage<Item> {
        let place = [("limit", "\(limit)"), ("offset", "\(offset)")]
        return try await get(
            SpotifyCall(path: path, query: query + place + market, access: access, subject: subject))
    }
}

extension CataloguePage {
    /// - Parameter entry: what to make of what stands in a place; `nil` leaves it out.
    init<Item>(_ page: SpotifyPage<Item>, _ entry: (Item?) -> Entry?) {
        let behind = (page.offset ?? 0) + page.items.count
        let next = page.next.map { $0.queryValue("offset").flatMap { Int($0) } ?? behind }
        // A list that leads back would never end.
        let isAhead = next.map { $0 > page.offset ?? -1 } ?? false
        self.init(
            entries: page.items.compactMap { entry($0.wrappedValue) }, next: isAhead ? next : nil, total: page.total)
    }
}
