extension SpotifyCatalogue {
    public func track(_ id: String) async throws -> CatalogueTrack {
        let subject = "the track \(id)"
        let path = ["tracks", try Self.checked(id, subject)]
        let object: SpotifyTrackObject = try await get(SpotifyCall(path: path, query: market, subject: subject))
        var track = CatalogueTrack(object)
        guard !track.name.isEmpty else { throw CatalogueError.notFound(subject) }
        // Where another one has taken its place, that one has an id of its own.
        track.id = track.id ?? id
        return track
    }

    public func tracks(isrc: String) async throws -> [CatalogueTrack] {
        guard let code = ISRC.plain(isrc) else { return [] }
        let found = try await find("isrc:\(code)", subject: "the code \(code)")
        // A track that is shown without its code was found by it.
        return found.filter { $0.isrc == nil || $0.isrc == code }
    }

    public func search(_ query: CatalogueQuery) async throws -> [CatalogueTrack] {
        let title = Self.plain(query.title)
        let artist = query.artist.map(Self.plain)
        let words = [artist, title].compactMap(\.self).joined(separator: " ")
        guard !title.isEmpty else { return [] }
        let filters = ["track:\"\(title)\"", artist.filled.map { "artist:\"\($0)\"" }].compactMap(\.self)
        let found = try await find(filters.joined(separator: " "), subject: "a search")
        // Filters know only the names as they are written in the catalogue.
        return found.isEmpty ? try await find(words, subject: "a search") : found
    }

    /// Apps in development mode get at most ten results.
    private func find(_ query: String, subject: String) async throws -> [CatalogueTrack] {
        let items = [("q", String(query.prefix(200))), ("type", "track"), ("limit", "10")]
        let found: SpotifyFound = try await get(
            SpotifyCall(path: ["search"], query: items + market, subject: subject))
        let tracks = found.tracks.items.compactMap(\.wrappedValue).map { CatalogueTrack($0) }
        return tracks.filter { !$0.name.isEmpty && !$0.artists.isEmpty }
    }

    /// Without the signs that mean something in a query.
    private static func plain(_ text: String) -> String {
        text.map { "\":".contains($0) ? " " : $0 }.split(whereSeparator: \.isWhitespace).map { String($0) }
            .joined(separator: " ")
    }

    /// 22 letters and digits.
    /// - Throws: `notFound` for what cannot be an id; Spotify is not asked.
    static func checked(_ id: String, _ subject: String) throws(CatalogueError) -> String {
        let isID = id.utf8.count == 22 && id.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) }
        guard isID else { throw .notFound(subject) }
        return id
    }
}
