import AudioSources
import Contracts
import Foundation
import Fakes
import TestSupport
import Testing

@Suite("Searching at slskd")
struct SlskdSearchTests {
    private let song = SlskdSharedFile.some(#"@@abcde\Music\Band\Album\01 Song.flac"#)
    private let other = SlskdSharedFile.some(#"@@fghij\Band\Album\02 Tune.mp3"#)

    @Test("finds what peers share, and leaves no search behind")
    func finds() async throws {
        var locked = other
        locked.isLocked = true
        let peers = [
            SlskdPeer("one", files: [song, locked]), SlskdPeer("two", files: [.some(#"x\Band - Song.txt"#), song]),
            SlskdPeer("three", files: [.some(#"x\Somebody.mp3"#)]),
        ]
        try await withFake(peers) { fixture in
            try await fixture.withSource { source in
                let request = SearchRequest(
                    SearchQuery(.album, "band album"), for: Track(artist: "Band", title: "Song"), limit: 100)
                let offers = try await source.search(request, within: UnlimitedSearches())
                #expect(Set(offers.map(\.user)) == ["one", "two"])
                #expect(offers.filter(\.isLocked).map(\.path) == [other.path])
                #expect(offers.allSatisfy { $0.source == "slskd" && $0.peer?.hasFreeSlot == true })
                #expect(try await source.paths("nobody has this").isEmpty == true)
                #expect(fixture.fake.openSearches.isEmpty)
                #expect(fixture.fake.log.requests(to: .deleteSearch).count == 2)
            }
        }
    }

    @Test("no answer from anybody is silence, files of another kind are an answer")
    func tellsSilence() async throws {
        let peers = [SlskdPeer("two", files: [.some(#"x\Band - Song.txt"#)])]
        try await withFake(peers) { fixture in
            try await fixture.withSource { source in
                for (text, wasSilent) in [("nobody has this", true), ("band song", false)] {
                    let request = SearchRequest(
                        SearchQuery(.full, text), for: Track(artist: "Band", title: "Song"), limit: 100)
                    let reply = try await source.reply(to: request, within: UnlimitedSearches())
                    #expect(reply.offers.isEmpty)
                    #expect(reply.wasSilent == wasSilent)
                }
            }
        }
    }

    @Test("a permit is held for the request, not for the time of the search")
    func holdsPermitsBriefly() async throws {
        try await withFake([SlskdPeer("one", files: [song])], adjust: { $0.timing.speedUp = 4 }) { fixture in
            try await fixture.withSource { source in
                let budget = CountingBudget()
                let began = ContinuousClock.now
                let found = try await source.paths("band song", within: budget)
                #expect(found == [song.path])
                let whole = began.duration(to: .now)
                #expect(whole > .seconds(2))
                #expect(budget.permits == 1)
                #expect(budget.longest * 2 < whole)
            }
        }
    }

    @Test("nothing is asked when the budget is spent, and the budget's own error comes back")
    func obeysBudgets() async throws {
        try await withFake([SlskdPeer("one", files: [song])]) { fixture in
            try await fixture.withSource { source in
                await #expect(throws: SpentBudget.Spent.self) {
                    try await source.paths("band song", within: SpentBudget())
                }
                #expect(fixture.fake.log.requests(to: .startSearch).isEmpty)
            }
        }
    }

    @Test("the tracks of an album cost one question about the album")
    func sharesAnswers() async throws {
        try await withFake([SlskdPeer("one", files: [song, other])]) { fixture in
            try await fixture.withSource { source in
                try await withThrowingTaskGroup { group in
                    for _ in 0..<12 {
                        group.addTask { try await source.paths("band album", .album).count }
                    }
                    for try await count in group { #expect(count == 2) }
                }
                #expect(try await source.paths("band album", .album).count == 2)
                #expect(fixture.fake.log.requests(to: .startSearch).count == 1)
            }
        }
    }

    @Test("many searches at once go to slskd one after another")
    func serialises() async throws {
        try await withFake([SlskdPeer("one", files: [song])]) { fixture in
            try await fixture.withSource { source in
                try await withThrowingTaskGroup { group in
                    for number in 0..<6 { group.addTask { try await source.paths("words \(number)\(number)") } }
                    try await group.waitForAll()
                }
                let posts = fixture.fake.log.requests(to: .startSearch)
                #expect(posts.count == 6 && posts.allSatisfy { $0.status == 200 })
                #expect(fixture.fake.openSearches.isEmpty)
            }
        }
    }

    @Test("a busy slskd is asked again after a pause")
    func waitsWhileBusy() async throws {
        try await withFake([SlskdPeer("one", files: [song])]) { fixture in
            fixture.fake.inject(.responds(status: 429), on: [.startSearch], times: 3)
            try await fixture.withSource { source in
                let found = try await source.paths("band song")
                #expect(found == [song.path])
                #expect(fixture.fake.log.requests(to: .startSearch).count == 4)
                #expect(fixture.fake.log.earlyRetries(pause: .milliseconds(20)).isEmpty)
            }
            fixture.fake.inject(.responds(status: 429), on: [.startSearch])
            try await fixture.withSource(adjust: { $0.busyPatience = .milliseconds(100) }) { source in
                let error = try await #require(throws: SourceError.self) { try await source.paths("band tune") }
                #expect(error.code == .unavailable)
            }
            #expect(fixture.fake.openSearches.isEmpty)
        }
    }

    @Test("a slskd without the network is unavailable, and the record of the failed search is deleted")
    func isUnavailableOffline() async throws {
        try await withFake([SlskdPeer("one", files: [song])]) { fixture in
            fixture.fake.loseNetwork()
            try await fixture.withSource { source in
                let error = try await #require(throws: SourceError.self) { try await source.paths("band song") }
                #expect(error.code == .unavailable && error.retryMayHelp)
                #expect(fixture.fake.openSearches.isEmpty)
            }
        }
    }

    @Test("a search that is under way is not taken for a miss when slskd loses the network or is restarted")
    func doubtsMisses() async throws {
        try await withFake(adjust: { $0.timing.speedUp = 2 }) { fixture in
            try await fixture.withSource { source in
                let lost = Task { try await source.paths("band song") }
                try await eventually { fixture.fake.openSearches.first?.state == .inProgress }
                fixture.fake.loseNetwork()
                let error = try await #require(throws: SourceError.self) { try await lost.value }
                #expect(error.code == .unavailable)
                fixture.fake.reconnect()
                try await eventually { try await fixture.fake.isReady(fixture) }
                let restarted = Task { try await source.paths("band tune") }
                try await eventually { fixture.fake.openSearches.first?.state == .inProgress }
                try await fixture.fake.restart(after: .seconds(1))
                let another = try await #require(throws: SourceError.self) { try await restarted.value }
                #expect(another.code == .unavailable)
            }
        }
    }

    @Test("the answer of slskd may be lost, and not the search")
    func survivesLostAnswers() async throws {
        try await withFake([SlskdPeer("one", files: [song])]) { fixture in
            fixture.fake.inject(.losesResponse, on: [.startSearch], times: 1)
            fixture.fake.inject(.responds(status: 502), on: [.search, .responses], times: 2)
            try await fixture.withSource { source in
                let found = try await source.paths("band song")
                #expect(found == [song.path])
                #expect(fixture.fake.log.requests(to: .startSearch).count == 1)
                #expect(fixture.fake.openSearches.isEmpty)
            }
        }
    }

    @Test("peers who go on and on are cut short")
    func stopsLongSearches() async throws {
        let peers = (0..<100).map { number in
            var peer = SlskdPeer("peer \(number)", files: [song])
            peer.responseDelay = .seconds(number * 5)
            return peer
        }
        try await withFake(peers) { fixture in
            try await fixture.withSource(adjust: { $0.longest = .seconds(2) }) { source in
                let count = try await source.paths("band song").count
                #expect(count > 1 && count < 100)
                #expect(fixture.fake.log.requests(to: .stopSearch).count == 1)
                #expect(fixture.fake.openSearches.isEmpty)
            }
        }
    }

    @Test("a search that is cancelled is stopped and deleted")
    func cleansUpWhenCancelled() async throws {
        try await withFake([SlskdPeer("one", files: [song])], adjust: { $0.timing.speedUp = 1 }) { fixture in
            try await fixture.withSource { source in
                let search = Task { try await source.paths("band song") }
                try await eventually { fixture.fake.openSearches.first?.state == .inProgress }
                search.cancel()
                await #expect(throws: CancellationError.self) { try await search.value }
                #expect(fixture.fake.openSearches.isEmpty)
                #expect(fixture.fake.log.requests(to: .stopSearch).count == 1)
            }
        }
    }

    @Test("what a dead process left is deleted, and nothing else")
    func sweeps() async throws {
        try await withFake { fixture in
            try await fixture.withSource { source in
                let others = try await fixture.search("of somebody else")
                fixture.fake.inject(.responds(status: 500), on: [.deleteSearch])
                _ = try await source.paths("band song")
                fixture.fake.clearFaults()
                #expect(fixture.fake.openSearches.count == 2)
                #expect(try await source.removeLeftovers() == 0)
                #expect(try await source.removeLeftovers(now: .now + .seconds(3600)) == 1)
                #expect(fixture.fake.openSearches.map(\.id) == [others])
            }
        }
    }

    @Test("the likeliest files are picked from a wide answer")
    func picks() async throws {
        let many = (0..<40).map { SlskdSharedFile.some(#"@@x\Band\Album\\#($0)\track.mp3"#) }
        try await withFake([SlskdPeer("one", files: many + [song])]) { fixture in
            try await fixture.withSource { source in
                let best = try await source.paths("band album", limit: 1)
                #expect(best == [song.path])
                let five = try await source.paths("band album", limit: 5)
                #expect(five.count == 5)
            }
        }
    }

    @Test("words that slskd would drop are not asked for")
    func asksForWordsOnly() async throws {
        try await withFake { fixture in
            try await fixture.withSource { source in
                let short = try await source.paths("a b")
                #expect(short.isEmpty)
                let unwanted = try await source.paths("-live")
                #expect(unwanted.isEmpty)
                #expect(fixture.fake.log.requests(to: .startSearch).isEmpty)
            }
        }
    }
}

extension FakeSlskd {
    /// Whether it says that it is logged in.
    fileprivate func isReady(_ fixture: FakeSlskdFixture) async throws -> Bool {
        await fixture.get("/server").json?["isLoggedIn"] == true
    }
}
