import Contracts
import Foundation

extension SpotifyFixture {
    /// Returns the page of a list for `limit` and `offset`.
    /// - Throws: 400 for a limit above the maximum.
    func page(
        _ list: [JSONValue], _ call: FakeCall, limit preset: Int, maximum: Int
    ) throws(FakeResponse) -> JSONValue {
        let limit = call.query["limit"].map { Int($0) ?? 0 } ?? preset
        let offset = call.query["offset"].map { Int($0) ?? -1 } ?? 0
        guard (1...maximum).contains(limit) else { throw .spotify(400, "Invalid limit") }
        guard offset >= 0 else { throw .spotify(400, "Invalid offset") }
        let end = offset + limit
        let path = call.target.prefix { $0 != "?" }
        let next = "https://api.example\(path)?offset=\(end)&limit=\(limit)"
        return [
            "href": .string(String(path)), "items": .array(Array(list.dropFirst(offset).prefix(limit))),
            "limit": .integer(Int64(limit)), "offset": .integer(Int64(offset)), "previous": .null,
            "next": end < list.count ? .string(next) : .null, "total": .integer(Int64(list.count)),
        ]
    }

    /// Searches tracks by ISRC or by words. Results are ranked and not filtered exactly.
    func search(_ call: FakeCall) throws(FakeResponse) -> FakeResponse {
        guard let query = call.query["q"], !query.isEmpty else { throw .spotify(400, "No search query") }
        guard call.query["type"] == "track" else { throw .spotify(400, "Bad search type field") }
        let found = query.hasPrefix("isrc:") ? withCode(String(query.dropFirst(5))) : withWords(query)
        var list = found.map(json)
        if searchHasNulls { list.insert(.null, at: min(1, list.count)) }
        let maximum = isInDevelopmentMode ? 10 : 50
        return .json(200, ["tracks": try page(list, call, limit: isInDevelopmentMode ? 5 : 20, maximum: maximum)])
    }

    /// Returns the tracks with an ISRC. A query with hyphens or lower-case letters finds nothing.
    private func withCode(_ code: String) -> [SpotifyTrack] {
        tracks.filter { $0.isrc.map { $0.uppercased().filter { $0 != "-" } == code } ?? false }
    }

    private func withWords(_ query: String) -> [SpotifyTrack] {
        let queryWords = Self.words(query.replacing(/(track|artist|album|year):/, with: " "))
        let ranked = tracks.map { track in (track, queryWords.intersection(words(of: track)).count) }
        // At least one in three words must match.
        let found = ranked.enumerated().filter { $0.element.1 > 0 && $0.element.1 * 3 >= queryWords.count }
        return found.sorted { ($1.element.1, $0.offset) < ($0.element.1, $1.offset) }.map(\.element.0)
    }

    private func words(of track: SpotifyTrack) -> Set<String> {
        let names = artists.filter { track.artistIDs.contains($0.id) }.map(\.name)
        let album = albums.first { $0.id == track.albumID }?.name ?? ""
        return Self.words(([track.name, album] + names + track.aliases).joined(separator: " "))
    }

    private static func words(_ text: String) -> Set<String> {
        Set(text.lowercased().split { !$0.isLetter && !$0.isNumber }.map(String.init))
    }
}
