import Contracts

extension SpotifyCatalogue {
    public func track(_ id: String) async throws -> CatalogueTrack {
        let subject = "the track \(id)"
        let path = ["tracks", try Self.checked(id, subject)]
        let object: SpotifyTrackObject = try await get(
            SpotifyCall(path: path, query: market, defaultAge: SpotifyCall.entityAge, subject: subject))
        var track = CatalogueTrack(object)
        guard !track.name.isEmpty else { throw CatalogueError.notFound(subject) }
        // Spotify may respond with a replacement, which has an id of its own.
        track.id = track.id ?? id
        return track
    }

    public func tracks(isrc: String) async throws -> [CatalogueTrack] {
        guard let code = ISRC(isrc)?.text else { return [] }
        let found = try await find("isrc:\(code)", subject: "the ISRC \(code)")
        // A track without an ISRC in the response was found by this one.
        return found.filter { $0.isrc == nil || $0.isrc == code }
    }

    public func search(_ query: CatalogueQuery) async throws -> [CatalogueTrack] {
        let title = Self.plainWords(query.title)
        let artist = query.artist.map(Self.plainWords)
        guard !title.isEmpty else { return [] }
        let filters = ["track:\"\(title)\"", artist.filled.map { "artist:\"\($0)\"" }].compactMap(\.self)
        let found = try await find(filters.joined(separator: " "), subject: "a search")
        guard found.isEmpty else { return found }
        // Filters only match the spelling of the catalogue.
        let words = [artist, title].compactMap(\.self).joined(separator: " ")
        return try await find(words, subject: "a search")
    }

    /// Apps in development mode get at most ten results.
    private func find(_ query: String, subject: String) async throws -> [CatalogueTrack] {
        let items = [("q", String(query.prefix(200))), ("type", "track"), ("limit", "10")]
        let found: SpotifyFound = try await get(
            SpotifyCall(path: ["search"], query: items + market, subject: subject))
        let tracks = found.tracks.items.compactMap(\.wrappedValue).map { CatalogueTrack($0) }
        return tracks.filter { !$0.name.isEmpty && !$0.artists.isEmpty }
    }

    /// Removes the characters that have a meaning in a query.
    private static func plainWords(_ text: String) -> String {
        text.map { "\":".contains($0) ? " " : $0 }.split(whereSeparator: \.isWhitespace).map { String($0) }
            .joined(separator: " ")
    }

    /// Checks that a text can be an id: 22 letters and digits.
    /// - Throws: ``CatalogueError/notFound(_:)``, without a request.
    static func checked(_ id: String, _ subject: String) throws(CatalogueError) -> String {
        let isID = id.utf8.count == 22 && id.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) }
        guard isID else { throw .notFound(subject) }
        return id
    }
}
