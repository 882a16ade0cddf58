import Contracts
import Fakes
import Foundation
import TestSupport
import Testing

@Suite("The slskd stand-in: searches")
struct FakeSlskdSearchTests {
    private let ann = SlskdPeer("ann", files: [.some(), .some(#"@@abcde\Music\Band\Album\02 Other.flac"#)])

    @Test("Responses are stored at the very end, a moment after the state says that it is complete")
    func storedLate() async throws {
        try await withFake([ann], adjust: { $0.timing.searchStoring = .seconds(6) }) { fixture in
            let id = try await fixture.search("band album", ["searchTimeout": 5000])
            let complete = try await eventually("the search is complete") {
                let json = await fixture.get("/searches/\(id)?includeResponses=true").json
                return json?["isComplete"] == .bool(true) ? json : nil
            }
            #expect(complete["endedAt"] == nil)
            #expect(complete["responseCount"] == 1)
            #expect(complete["responses"] == [])
            let ended = try await fixture.ended(id)
            #expect(ended["state"] == "Completed, TimedOut")
            #expect(ended["fileCount"] == 2)
            #expect(ended["responses"]?.list?.count == 1)
            #expect(await fixture.get("/searches/\(id)").json?["responses"] == [])
            #expect(await fixture.get("/searches/\(id)/responses").json?.list?.count == 1)
        }
    }

    @Test("A response has the peer's words, and leaves out what the peer does not know")
    func response() async throws {
        var file = SlskdSharedFile.some()
        file.attributes = SlskdAttributes(bitDepth: 16, sampleRate: 44_100, length: 2)
        var locked = SlskdSharedFile.some(#"@@abcde\Music\Band\Locked\03 Song.flac"#)
        locked.isLocked = true
        try await withFake([SlskdPeer("ann", files: [file, locked])]) { fixture in
            let id = try await fixture.search("song", ["searchTimeout": 1000])
            let response = try await fixture.ended(id)["responses"]?.list?.first
            #expect(response?["username"] == "ann")
            #expect(response?["hasFreeUploadSlot"] == .bool(true))
            let listed = response?["files"]?.list?.first
            #expect(listed?["filename"]?.stringValue == file.path)
            #expect(listed?["extension"] == "")
            #expect(listed?["length"] == 2)
            #expect(listed?["bitRate"] == nil)
            #expect(response?["lockedFileCount"] == 1)
            #expect(response?["lockedFiles"]?.list?.first?["isLocked"] == .bool(false))
        }
    }

    @Test("The timeout is in milliseconds, and begins anew with each response")
    func timeout() async throws {
        var (late, later) = (ann, ann)
        (late.name, late.responseDelay) = ("late", .seconds(2))
        (later.name, later.responseDelay) = ("later", .seconds(4))
        try await withFake([ann, late, later]) { fixture in
            let short = try await fixture.ended(await fixture.search("band", ["searchTimeout": 15]))
            #expect(short["responseCount"] == 0)
            let long = try await fixture.ended(await fixture.search("band", ["searchTimeout": 2500]))
            #expect(long["responseCount"] == 3)
            #expect(await fixture.post("/searches", ["searchText": "band", "searchTimeout": 4]).status == 400)
        }
    }

    @Test("Limits end a search, and the filters are per response")
    func limits() async throws {
        var slow = ann
        (slow.name, slow.speed, slow.responseDelay) = ("slow", 10, .milliseconds(400))
        try await withFake([ann, slow]) { fixture in
            let byResponses = try await fixture.ended(await fixture.search("band", ["responseLimit": 1]))
            #expect(byResponses["state"] == "Completed, ResponseLimitReached")
            let byFiles = try await fixture.ended(await fixture.search("band", ["fileLimit": 2]))
            #expect(byFiles["state"] == "Completed, FileLimitReached")
            let fast = try await fixture.ended(
                await fixture.search("band", ["minimumPeerUploadSpeed": 11, "searchTimeout": 1000]))
            #expect(fast["responseCount"] == 1)
            let all = try await fixture.ended(
                await fixture.search(
                    "band", ["minimumPeerUploadSpeed": 11, "filterResponses": .bool(false), "searchTimeout": 1000]))
            #expect(all["responseCount"] == 2)
        }
    }

    @Test("Words of one character do not count, a minus excludes, and nothing left is refused")
    func words() async throws {
        try await withFake([ann]) { fixture in
            let id = try await fixture.search("a band -other", ["searchTimeout": 1000])
            #expect(try await fixture.ended(id)["fileCount"] == 1)
            for text in ["a b", "-band", "  "] {
                let refused = await fixture.post("/searches", ["searchText": .string(text)])
                #expect(refused.status == 400)
                #expect(refused.json?.stringValue != nil)
            }
        }
    }

    @Test("A second POST while one is worked on gets 429 without Retry-After")
    func gate() async throws {
        try await withFake([ann], adjust: { $0.timing.searchPosting = .seconds(10) }) { fixture in
            async let first = fixture.post("/searches", ["searchText": "band", "searchTimeout": 100])
            try await eventually { fixture.fake.log.requests(to: .startSearch).count == 1 }
            let second = await fixture.post("/searches", ["searchText": "band"])
            #expect(second.status == 429)
            #expect(second.headers["retry-after"] == nil)
            #expect(await first.status == 200)
            #expect(fixture.fake.log.highestConcurrency(.startSearch) == 2)
            #expect(fixture.fake.log.earlyRetries(pause: .seconds(5)).isEmpty)
            _ = await fixture.post("/searches", ["searchText": "band"])
            #expect(fixture.fake.log.earlyRetries(pause: .seconds(5)).count == 1)
        }
    }

    @Test("Two searches run at once, a third waits")
    func queue() async throws {
        try await withFake([ann]) { fixture in
            var ids: [String] = []
            for _ in 0..<3 { ids.append(try await fixture.search("band", ["searchTimeout": 600_000])) }
            #expect(await fixture.get("/searches/\(ids[1])").json?["state"] == "InProgress")
            #expect(await fixture.get("/searches/\(ids[2])").json?["state"] == "Queued")
            #expect(await fixture.put("/searches/\(ids[0])").status == 200)
            #expect(try await fixture.ended(ids[0])["state"] == "Completed, Cancelled")
            try await eventually { await fixture.get("/searches/\(ids[2])").json?["state"] == "InProgress" }
        }
    }

    @Test("An id may be chosen once, is unknown after its deletion, and must be a GUID")
    func identifiers() async throws {
        try await withFake([ann]) { fixture in
            let id = UUID().uuidString.lowercased()
            #expect(try await fixture.search("band", ["id": .string(id), "searchTimeout": 100]) == id)
            #expect(await fixture.post("/searches", ["searchText": "band", "id": .string(id)]).status == 500)
            #expect(fixture.fake.openSearches.count == 1)
            _ = try await fixture.ended(id)
            #expect(await fixture.delete("/searches/\(id)").status == 204)
            #expect(await fixture.delete("/searches/\(id)").status == 404)
            #expect(await fixture.get("/searches/nonsense").status == 404)
            #expect(await fixture.get("/searches").json == [])
            #expect(fixture.fake.openSearches.isEmpty)
        }
    }

    @Test("A search that is deleted while it runs goes on without a record")
    func deletedEarly() async throws {
        try await withFake([ann]) { fixture in
            for _ in 0..<2 {
                let id = try await fixture.search("band", ["searchTimeout": 100_000])
                #expect(await fixture.delete("/searches/\(id)").status == 204)
            }
            let third = try await fixture.search("band", ["searchTimeout": 100])
            #expect(await fixture.get("/searches/\(third)").json?["state"] == "Queued")
            #expect(try await fixture.ended(third)["responseCount"] == 0)
            #expect(fixture.fake.openSearches.map(\.id) == [third])
        }
    }

    @Test("Without the network a search is refused with 409, and leaves a record")
    func disconnected() async throws {
        try await withFake([ann]) { fixture in
            let running = try await fixture.search("band", ["searchTimeout": 600_000])
            fixture.fake.loseNetwork()
            let refused = await fixture.post("/searches", ["searchText": "band"])
            #expect(refused.status == 409)
            #expect(refused.json?.stringValue != nil)
            #expect(fixture.fake.openSearches.map(\.state).last == .errored)
            #expect(try await fixture.ended(running)["state"] == "Completed, Errored")
        }
    }

    @Test("After a restart an unfinished search is over and empty")
    func restart() async throws {
        try await withFake([ann]) { fixture in
            let id = try await fixture.search("band", ["searchTimeout": 600_000])
            try await eventually { await fixture.get("/searches/\(id)").json?["responseCount"] == 1 }
            try await fixture.fake.restart()
            let ended = try await fixture.ended(id)
            #expect(ended["state"] == "Completed, TimedOut")
            #expect(ended["responseCount"] == 0)
        }
    }
}

extension JSONValue {
    /// The elements of an array.
    var list: [JSONValue]? { if case .array(let elements) = self { elements } else { nil } }
}
