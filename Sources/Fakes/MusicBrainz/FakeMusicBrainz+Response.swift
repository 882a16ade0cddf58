import Contracts
import Foundation

extension FakeMusicBrainz {
    func answer(_ call: FakeCall) -> FakeResponse {
        state.withLock { state in
            let request = MusicBrainzRequest(
                target: call.target, userAgent: call.header("User-Agent"), startedAt: .now)
            state.requests.append(request)
            let answer = state.answer(call, at: request.startedAt)
            state.requests[state.requests.count - 1].status = answer.status
            return answer
        }
    }
}

extension FakeMusicBrainz.State {
    fileprivate mutating func answer(_ call: FakeCall, at now: ContinuousClock.Instant) -> FakeResponse {
        // Name, version and a contact.
        guard let agent = call.header("User-Agent"), agent.contains("/"), agent.contains("(") else {
            return .json(403, ["error": "Please name your application in its User-Agent."])
        }
        if let last = lastAnswered, now - last < gap {
            var refusal = FakeResponse.json(
                503, ["error": "Your requests are exceeding the allowable rate limit. Please see the documentation."])
            refusal.headers["Retry-After"] = "1"
            return refusal
        }
        lastAnswered = now
        do throws(FakeResponse) {
            return .json(200, try fixture.answer(call))
        } catch {
            return error
        }
    }
}

extension MusicBrainzFixture {
    fileprivate func answer(_ call: FakeCall) throws(FakeResponse) -> JSONValue {
        guard call.query["fmt"] == "json", call.segments.prefix(2) == ["ws", "2"] else { throw .empty(406) }
        let path = Array(call.segments.dropFirst(2))
        switch (path.first, path.count) {
        case ("isrc", 2): return try withCode(path[1])
        case ("recording", 1): return search(call.query["query"] ?? "")
        case ("recording", 2): return json(try found(recordings.first { $0.id == path[1] }))
        case ("release", 2): return full(try found(releases.first { $0.id == path[1] }))
        case ("release", 1): return browse(call.query["artist"] ?? "", call)
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
        let wanted = Self.words(query.replacing(/(recording|artist):/, with: " "))
        let ranked = recordings.map { ($0, Self.words("\($0.title) \($0.artist)").intersection(wanted).count) }
        let list = ranked.filter { $0.1 > 0 }.sorted { $0.1 > $1.1 }
        let found = list.map { json($0.0, score: Int64(100 * $0.1 / max(wanted.count, 1))) }
        return ["count": .integer(Int64(found.count)), "offset": 0, "recordings": .array(Array(found.prefix(25)))]
    }

    private func browse(_ artist: String, _ call: FakeCall) -> JSONValue {
        let list = releases.filter { artistID($0.artist) == artist }
        let offset = call.query["offset"].flatMap { Int($0) } ?? 0
        let limit = call.query["limit"].flatMap { Int($0) } ?? 25
        return [
            "release-count": .integer(Int64(list.count)), "release-offset": .integer(Int64(offset)),
            "releases": .array(list.dropFirst(offset).prefix(limit).map(reference)),
        ]
    }

    private func found<Item>(_ item: Item?) throws(FakeResponse) -> Item {
        guard let item else { throw .json(404, ["error": "Not Found"]) }
        return item
    }

    private static func words(_ text: String) -> Set<String> {
        Set(text.lowercased().split { !$0.isLetter && !$0.isNumber }.map(String.init)).subtracting(["and"])
    }
}
