import Contracts
import Foundation

extension FakeMusicBrainz {
    func respond(to call: FakeCall) -> FakeResponse {
        state.withLock { state in
            let request = MusicBrainzRequest(
                target: call.target, userAgent: call.header("User-Agent"), startedAt: .now)
            state.requests.append(request)
            let response = state.response(to: call, at: request.startedAt)
            state.requests[state.requests.count - 1].status = response.status
            return response
        }
    }
}

extension FakeMusicBrainz.State {
    fileprivate mutating func response(to call: FakeCall, at now: ContinuousClock.Instant) -> FakeResponse {
        // Requires a name, a version and a contact.
        guard let agent = call.header("User-Agent"), agent.contains("/"), agent.contains("(") else {
            return .json(403, ["error": "Please name your application in its User-Agent."])
        }
        if let last = lastAccepted, now - last < gap {
            var refusal = FakeResponse.json(
                503, ["error": "Your requests are exceeding the allowable rate limit. Please see the documentation."])
            refusal.headers["Retry-After"] = "1"
            return refusal
        }
        lastAccepted = now
        do throws(FakeResponse) {
            return .json(200, try fixture.response(to: call))
        } catch {
            return error
        }
    }
}

extension MusicBrainzFixture {
    fileprivate func response(to call: FakeCall) throws(FakeResponse) -> JSONValue {
        guard call.query["fmt"] == "json", call.segments.prefix(2) == ["ws", "2"] else { throw .empty(406) }
        let path = Array(call.segments.dropFirst(2))
        switch (path.first, path.count) {
        case ("isrc", 2): return try withCode(path[1])
        case ("recording", 1): return search(call.query["query"] ?? "")
        case ("recording", 2): return json(try found(recordings.first { $0.id == path[1] }))
        case ("release", 2): return full(try found(releases.first { $0.id == path[1] }))
        case ("release", 1): return browseReleases(call)
        case ("release-group", 1): return browseGroups(call)
        case ("artist", 2):
            let name = try found(releases.map(\.artist).first { artistID($0) == path[1] })
            return ["id": .string(path[1]), "name": .string(name)]
        default: throw .json(404, ["error": "Not Found"])
        }
    }

    private func withCode(_ code: String) throws(FakeResponse) -> JSONValue {
        guard code.utf8.count == 12 else { throw .json(400, ["error": "Invalid isrc."]) }
        let list = recordings.filter { $0.isrcs.contains(code) }
        guard !list.isEmpty else { throw .json(404, ["error": "Not Found"]) }
        return ["isrc": .string(code), "recordings": .array(list.map { json($0) })]
    }

    private func search(_ query: String) -> JSONValue {
        let queryWords = Self.words(query.replacing(/(recording|artist):/, with: " "))
        let ranked = recordings.map { ($0, Self.words("\($0.title) \($0.artist)").intersection(queryWords).count) }
        let list = ranked.filter { $0.1 > 0 }.sorted { $0.1 > $1.1 }
        let found = list.map { json($0.0, score: Int64(100 * $0.1 / max(queryWords.count, 1))) }
        return ["count": .integer(Int64(found.count)), "offset": 0, "recordings": .array(Array(found.prefix(25)))]
    }

    /// Returns the releases of an artist or of a release group.
    private func browseReleases(_ call: FakeCall) -> JSONValue {
        let list = releases.filter { release in
            call.query["release-group"].map { $0 == release.group }
                ?? (artistID(release.artist) == call.query["artist"])
        }
        let (offset, limit) = Self.range(call)
        return [
            "release-count": .integer(Int64(list.count)), "release-offset": .integer(Int64(offset)),
            "releases": .array(list.dropFirst(offset).prefix(limit).map(reference)),
        ]
    }

    /// Returns the release groups of an artist.
    private func browseGroups(_ call: FakeCall) -> JSONValue {
        var seen: Set<String> = []
        let list = releases.filter { artistID($0.artist) == call.query["artist"] && seen.insert($0.group).inserted }
        let (offset, limit) = Self.range(call)
        return [
            "release-group-count": .integer(Int64(list.count)), "release-group-offset": .integer(Int64(offset)),
            "release-groups": .array(list.dropFirst(offset).prefix(limit).map(groupJSON)),
        ]
    }

    private static func range(_ call: FakeCall) -> (offset: Int, limit: Int) {
        (call.query["offset"].flatMap { Int($0) } ?? 0, call.query["limit"].flatMap { Int($0) } ?? 25)
    }

    private func found<Item>(_ item: Item?) throws(FakeResponse) -> Item {
        guard let item else { throw .json(404, ["error": "Not Found"]) }
        return item
    }

    private static func words(_ text: String) -> Set<String> {
        Set(text.lowercased().split { !$0.isLetter && !$0.isNumber }.map(String.init)).subtracting(["and"])
    }
}
