import Accounts

extension SpotifyCatalogue {
    public func album(_ id: String) async throws -> CatalogueAlbum {
        let subject = "the album \(id)"
        let path = ["albums", try Self.checked(id, subject)]
        let object: SpotifyAlbumObject = try await get(
            SpotifyCall(path: path, query: market, defaultAge: SpotifyCall.entityAge, subject: subject))
        guard let album = CatalogueAlbum(object) else { throw CatalogueError.notFound(subject) }
        return album
    }

    public func tracks(ofAlbum id: String, from offset: Int) async throws -> CataloguePage<CatalogueTrack> {
        let subject = "the album \(id)"
        let path = ["albums", try Self.checked(id, subject), "tracks"]
        let page: SpotifyPage<SpotifyTrackObject> = try await list(
            path, from: offset, limit: 50, defaultAge: SpotifyCall.entityAge, subject: subject)
        return CataloguePage(page) { object in object.map { CatalogueTrack($0) } }
    }

    public func artist(_ id: String) async throws -> CatalogueArtist {
        let subject = "the artist \(id)"
        let path = ["artists", try Self.checked(id, subject)]
        let object: SpotifyArtistObject = try await get(
            SpotifyCall(path: path, defaultAge: SpotifyCall.entityAge, subject: subject))
        guard let artist = CatalogueArtist(object) else { throw CatalogueError.notFound(subject) }
        return artist
    }

    public func releases(ofArtist id: String, from offset: Int) async throws -> CataloguePage<CatalogueAlbum> {
        let subject = "the artist \(id)"
        let path = ["artists", try Self.checked(id, subject), "albums"]
        try releaseLimit.check(offset, of: subject)
        let page: SpotifyPage<SpotifyAlbumObject> = try await list(
            path, [("include_groups", "album,single")], from: offset, limit: 10, subject: subject)
        try releaseLimit.check(page.total ?? 0, of: subject)
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
        access: SpotifyAccess = .app, defaultAge: Duration = .zero, subject: String
    ) async throws -> SpotifyPage<Item> {
        let range = [("limit", "\(limit)"), ("offset", "\(offset)")]
        return try await get(
            SpotifyCall(
                path: path, query: query + range + market, access: access, defaultAge: defaultAge, subject: subject))
    }
}

extension CataloguePage {
    /// - Parameter entry: Converts an item, which is `nil` when it is unreadable; returns `nil` to omit it.
    init<Item>(_ page: SpotifyPage<Item>, _ entry: (Item?) -> Entry?) {
        let end = (page.offset ?? 0) + page.items.count
        let next = page.next.map { $0.queryValue("offset").flatMap { Int($0) } ?? end }
        // A page that refers to an earlier one would make the list endless.
        let isAhead = next.map { $0 > page.offset ?? -1 } ?? false
        self.init(
            entries: page.items.compactMap { entry($0.wrappedValue) }, next: isAhead ? next : nil, total: page.total)
    }
}

extension String {
    /// Returns the value of a query item of a URL; `nil` when there is none.
    fileprivate func queryValue(_ name: String) -> String? {
        drop { $0 != "?" }.dropFirst().split(separator: "&").first { $0.hasPrefix(name + "=") }
            .map { String($0.dropFirst(name.count + 1)) }
    }
}
