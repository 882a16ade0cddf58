import AudioSources
import Contracts
import Fakes
import Foundation
import TestSupport
import Testing

@Suite("Searching at slskd")
struct SlskdSearchTests {
    private let song = SlskdSharedFile.some(#"@@abcde\Music\Band\Album\01 Song.flac"#)
    private let other = SlskdSharedFile.some(#"@@fghij\Band\Album\02 Tune.mp3"#)

    @Test("Shared files are found, and no search remains")
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
                #expect(try await source.paths("missing words").isEmpty == true)
                #expect(fixture.fake.openSearches.isEmpty)
                #expect(fixture.fake.log.requests(to: .deleteSearch).count == 2)
            }
        }
    }

    @Test("No response is silence, and a response with other files is not")
    func tellsSilence() async throws {
        let peers = [SlskdPeer("two", files: [.some(#"x\Band - Song.txt"#)])]
        try await withFake(peers) { fixture in
            try await fixture.withSource { source in
                for (text, wasSilent) in [("missing words", true), ("band song", false)] {
                    let request = SearchRequest(
                        SearchQuery(.full, text), for: Track(artist: "Band", title: "Song"), limit: 100)
                    let reply = try await source.reply(to: request, within: UnlimitedSearches())
                    #expect(reply.offers.isEmpty)
                    #expect(reply.wasSilent == wasSilent)
                }
            }
        }
    }

    @Test("A permit is held only while the search is started")
    func holdsPermitsBriefly() async throws {
        try await withFake([SlskdPeer("one", files: [song])]) { fixture in
            try await fixture.withSource { source in
                let budget = CountingBudget()
                #expect(try await source.paths("band song", within: budget) == [song.path])
                #expect(budget.permits == 1)
                // The order of the events does not depend on the load.
                let released = try #require(budget.lastRelease)
                let started = try #require(fixture.fake.log.requests(to: .startSearch).first)
                let polled = try #require(fixture.fake.log.requests(to: .search).first)
                #expect(started.startedAt < released && released < polled.startedAt)
            }
        }
    }

    @Test("With an exhausted budget no request is sent, and the budget's error is thrown")
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

    @Test("The tracks of an album share one search for the album")
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

    @Test("Concurrent searches are sent to slskd one after another")
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

    @Test("A search is repeated after a pause while slskd is busy")
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

    @Test("Without the network slskd is unavailable, and the record of the failed search is deleted")
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

    @Test("A running search is not conclusive when slskd loses the network or is restarted")
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

    @Test("A search continues after a lost response")
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

    @Test("A search with too many responses is stopped")
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

    @Test("A cancelled search is stopped and deleted")
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

    @Test("Searches of killed processes are deleted, and others are not changed")
    func sweeps() async throws {
        try await withFake { fixture in
            try await fixture.withSource { source in
                let others = try await fixture.search("of another client")
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

    @Test("The most likely files are selected from a large result")
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

    @Test("Words that slskd ignores are not searched for")
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
