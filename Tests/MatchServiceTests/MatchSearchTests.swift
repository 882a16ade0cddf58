import AMQP
import AudioSources
import Contracts
import Foundation
import Logging
import Matching
import ServiceKit
import TestSupport
import Testing

@testable import MatchService

@Suite("Searching for a track")
struct MatchSearchTests {
    typealias Fixture = MatchSearchFixture

    @Test("A search ends with the first query when the match is accepted")
    func stopsEarly() async throws {
        let source = ScriptedSource("peers", answers: [Fixture.full: [Fixture.right]])
        let result = try await Fixture().search(source)
        #expect(result.decision.outcome == .accept)
        #expect(source.queries.map(\.variant) == [.full])
        #expect(result.record == ["peers full 1/1/1"])
    }

    @Test("Wider queries follow, and the result of each is recorded")
    func climbs() async throws {
        let other = #"x\Somebody Else\Other Song.flac"#
        let source = ScriptedSource(
            "peers", answers: [Fixture.plain: [other], Fixture.album: [other, Fixture.right]])
        let result = try await Fixture().search(source)
        #expect(result.decision.outcome == .accept)
        #expect(result.record == ["peers full 0/0/0", "peers plain 1/1/0", "peers album 2/1/1"])
        #expect(result.searches.map(\.query) == [Fixture.full, Fixture.plain, Fixture.album])
    }

    @Test("The album is searched for first when other tracks of it are wanted")
    func searchesForTheAlbum() async throws {
        var fixture = Fixture()
        fixture.albumJobs = 10
        let whole = ScriptedSource("peers", answers: [Fixture.album: [Fixture.right], Fixture.full: [Fixture.right]])
        #expect(try await fixture.search(whole).record == ["peers album 1/1/1"])
        let single = ScriptedSource("peers", answers: [Fixture.full: [Fixture.right]])
        #expect(try await fixture.search(single).record == ["peers album 0/0/0", "peers full 1/1/1"])
        let none = ScriptedSource("peers")
        _ = try await fixture.search(none)
        #expect(none.queries.map(\.variant) == [.album, .full, .plain, .title])
    }

    @Test("The own collection is asked for a track before peers are asked for its album, also for a title track")
    func asksTheOwnCollectionFirst() async throws {
        var fixture = Fixture()
        fixture.albumJobs = 10
        fixture.ownSources = ["folder"]
        let peers = ScriptedSource("peers", answers: [Fixture.album: [Fixture.right]])
        let folder = ScriptedSource("folder", variants: [.full], answers: [Fixture.full: [Fixture.right]])
        #expect(try await fixture.search(folder, peers).record == ["folder full 1/1/1"])
        #expect(peers.queries.isEmpty)
        fixture.track.title = "Harbour Lights"
        let name = #"Marlene Quist\Harbour Lights\01 Harbour Lights.flac"#
        let titled = ScriptedSource("folder", variants: [.full], answers: [Fixture.album: [name]])
        #expect(try await fixture.search(titled, peers).record == ["folder full 1/1/1"])
        let none = ScriptedSource("peers")
        _ = try await fixture.search(none)
        #expect(none.queries.filter { $0.text == Fixture.album }.count == 1)
    }

    @Test("A track is rejected only after every query")
    func refusesOnlyAtTheEnd() async throws {
        let source = ScriptedSource("peers")
        let result = try await Fixture().search(source)
        #expect(result.decision.outcome == .reject)
        #expect(source.queries.map(\.variant) == [.full, .plain, .album, .title])
    }

    @Test("Sources are searched concurrently, and their files are ranked together")
    func ranksAcrossSources() async throws {
        let lossy = #"Marlene Quist\Harbour Lights\04 Tide Tables (Live in Ostend).mp3"#
        let first = ScriptedSource("first", answers: [Fixture.full: [lossy]])
        let second = ScriptedSource("second", answers: [Fixture.full: [Fixture.right]])
        let result = try await Fixture().search(first, second)
        #expect(result.decision.ranked.map(\.offer.source) == ["second", "first"])
        #expect(result.record == ["first full 1/1/1", "second full 1/1/1"])
    }

    @Test("Better audio is searched for only until the class is sufficient")
    func upgrades() async throws {
        let lossy = #"Marlene Quist\Harbour Lights\04 Tide Tables (Live in Ostend).mp3"#
        let source = ScriptedSource("peers", answers: [Fixture.full: [lossy], Fixture.plain: [Fixture.right]])
        var fixture = Fixture()
        #expect(try await fixture.search(source).record.count == 1)
        fixture.enough = .lossless16
        let result = try await fixture.search(source)
        #expect(result.record == ["peers full 1/1/1", "peers plain 1/1/1"])
        #expect(result.decision.ranked.first?.offer.path == Fixture.right)
        let nothingBetter = ScriptedSource("peers", answers: [Fixture.full: [lossy]])
        #expect(try await fixture.search(nothingBetter).decision.outcome == .accept)
    }

    @Test("A search fails when a source fails and no offer is accepted")
    func failsWithASource() async throws {
        let silent = ScriptedSource("silent", failure: SourceError(.unavailable, "the disk is away"))
        let error = try await #require(throws: JobError.self) {
            try await Fixture().search(silent, ScriptedSource("b"))
        }
        #expect(error.code == .providerUnavailable)
        #expect(error.message == "the disk is away")
        let sure = ScriptedSource("sure", answers: [Fixture.full: [Fixture.right]])
        #expect(try await Fixture().search(silent, sure).decision.outcome == .accept)
    }

    @Test("A person's own search words replace the other queries, for every source")
    func asksGivenWords() async throws {
        var fixture = Fixture()
        fixture.verdicts.query = "Ostend tape"
        let source = ScriptedSource("peers", answers: ["ostend tape": [Fixture.right], Fixture.full: []])
        let result = try await fixture.search(source)
        #expect(source.queries == [SearchQuery(.asked, "ostend tape")])
        #expect(result.decision.outcome == .accept)
    }

    @Test("A rejected file is never offered again, whoever shares it")
    func heedsRejections() async throws {
        var fixture = Fixture()
        fixture.verdicts.rejected = [
            CandidateKey(path: "elsewhere/04 Tide Tables (Live in Ostend).flac", size: 25_000_000)
        ]
        let source = ScriptedSource("peers", answers: [Fixture.full: [Fixture.right]])
        let result = try await fixture.search(source)
        #expect(result.decision.outcome == .reject)
        #expect(result.decision.ranked.isEmpty)
        #expect(result.decision.section().leftOut == 1)
    }

    @Test("A mislabelled file of a peer is left out, and the search continues")
    func leavesOutMislabelledFiles() async throws {
        var fixture = Fixture()
        let lossy = #"Marlene Quist\Harbour Lights\04 Tide Tables (Live in Ostend).mp3"#
        let key = CandidateKey(path: Fixture.right, size: 25_000_000)
        let source = ScriptedSource(
            "peers", answers: [Fixture.full: [Fixture.right], Fixture.plain: [Fixture.right, lossy]])
        for (user, found) in [("peer", lossy), ("somebody", Fixture.right)] {
            fixture.failed = [.init(user: user, key: key, code: "verification_failed")]
            let result = try await fixture.search(source)
            #expect(result.decision.ranked.map(\.offer.path) == [found])
        }
    }
}

@Suite("Searching again after candidates failed")
struct MatchFailoverTests {
    typealias Fixture = MatchSearchFixture

    @Test("The search continues until it finds a copy that has not failed, and the failed one is the last resort")
    func looksForOthers() async throws {
        var fixture = Fixture()
        let lossy = #"Marlene Quist\Harbour Lights\04 Tide Tables (Live in Ostend).mp3"#
        let source = ScriptedSource(
            "peers", answers: [Fixture.full: [Fixture.right], Fixture.plain: [Fixture.right, lossy]])
        #expect(try await fixture.search(source).searches.count == 1)
        fixture.failed = [
            .init(user: "peer", key: CandidateKey(path: Fixture.right, size: 25_000_000), code: "peer_away")
        ]
        let result = try await fixture.search(source)
        #expect(result.searches.map(\.variant) == [.full, .plain])
        let candidates = result.decision.section(avoiding: fixture.failed).candidates
        #expect(candidates.map(\.path) == [lossy, Fixture.right])
        #expect(result.decision.section().candidates.map(\.path) == [Fixture.right, lossy])
    }

    @Test("A file that failed as another recording is found again when a person approves it")
    func findsApproved() async throws {
        var fixture = Fixture()
        let key = CandidateKey(path: Fixture.right, size: 25_000_000)
        fixture.failed = [.init(user: "peer", key: key, code: "other_duration")]
        let source = ScriptedSource("peers", answers: [Fixture.full: [Fixture.right]])
        #expect(try await fixture.search(source).decision.ranked.isEmpty)
        fixture.verdicts = Verdicts(approved: [key])
        #expect(try await fixture.search(source).decision.ranked.map(\.offer.path) == [Fixture.right])
    }

    @Test("Without other copies every query is asked, and the failed candidate is offered again")
    func offersAgain() async throws {
        var fixture = Fixture()
        fixture.failed = [
            .init(user: "peer", key: CandidateKey(path: Fixture.right, size: 25_000_000), code: "timed_out")
        ]
        let source = ScriptedSource("peers", answers: [Fixture.full: [Fixture.right]])
        let result = try await fixture.search(source)
        #expect(result.searches.count == 4)
        #expect(result.decision.outcome == .accept)
        #expect(result.decision.section(avoiding: fixture.failed).candidates.map(\.path) == [Fixture.right])
    }
}

@Suite("Searching with a budget", .enabled(if: TestBroker.isExpected, "\(TestBroker.setupHint)"))
struct MatchBudgetTests {
    typealias Fixture = MatchSearchFixture

    /// One use in ten minutes, kept in a real broker.
    private func withBudget(
        uses: Int, _ test: @Sendable @escaping (ProviderBudget, TemporaryFolder) async throws -> Void
    ) async throws {
        try await withVhost { vhost in
            try await withTemporaryFolder { folder in
                let connections = try await MatchConnections(vhost.url)
                let limits = BudgetLimits(uses: uses, window: .seconds(600))
                do {
                    try await test(connections.budget(limits), folder)
                } catch {
                    await connections.close()
                    throw error
                }
                await connections.close()
            }
        }
    }

    @Test("A source with a budget is searched only when the others were not sufficient")
    func asksFreeOnesFirst() async throws {
        try await withBudget(uses: 10) { budget, _ in
            let limited = ScriptedSource("limited", answers: [Fixture.plain: [Fixture.right]])
            let free = ScriptedSource("free", variants: [.full], answers: [Fixture.full: [Fixture.right]])
            let sources = [
                SearchedSource(source: limited, budget: budget), SearchedSource(source: free, budget: nil),
            ]
            #expect(try await Fixture().search(sources).record == ["free full 1/1/1"])
            #expect(limited.queries.isEmpty)
            let empty = SearchedSource(source: ScriptedSource("free", variants: [.full]), budget: nil)
            let result = try await Fixture().search([sources[0], empty])
            #expect(result.record == ["free full 0/0/0", "limited full 0/0/0", "limited plain 1/1/1"])
            #expect(try await budget.status().used == 2)
        }
    }

    @Test("A search continues after an exhausted budget, without the useless queries")
    func resumes() async throws {
        try await withBudget(uses: 2) { budget, _ in
            let source = ScriptedSource("limited", answers: [Fixture.album: [Fixture.right]])
            let sources = [SearchedSource(source: source, budget: budget)]
            var fixture = Fixture()
            let interrupted = try await #require(throws: SearchInterrupted.self) { try await fixture.search(sources) }
            #expect(interrupted.searches.map(\.variant) == [.full, .plain])
            #expect(interrupted.exhausted.until > .now + .seconds(500))
            fixture.known = interrupted.searches
            let other = [SearchedSource(source: source, budget: nil)]
            #expect(try await fixture.search(other).decision.outcome == .accept)
            #expect(source.queries.map(\.variant) == [.full, .plain, .album])
        }
    }

    @Test("A recent query without a result is skipped, unless a person requested a new search")
    func remembersMisses() async throws {
        try await withBudget(uses: 50) { budget, folder in
            let source = ScriptedSource("limited")
            let sources = [SearchedSource(source: source, budget: budget)]
            var fixture = Fixture()
            fixture.misses = try NegativeSearchCache(folder.file("match.db"), lifetime: .seconds(60))
            _ = try await fixture.search(sources)
            #expect(source.queries.count == 4)
            let again = try await fixture.search(sources)
            #expect(source.queries.count == 4)
            #expect(again.searches.allSatisfy { $0.remembered == true })
            #expect(again.decision.outcome == .reject)
            fixture.isFresh = true
            _ = try await fixture.search(sources)
            #expect(source.queries.count == 8)
        }
    }

    @Test("A query without any response is repeated")
    func forgetsSilence() async throws {
        try await withBudget(uses: 50) { budget, folder in
            let source = ScriptedSource("limited", isSilent: true)
            var fixture = Fixture()
            fixture.misses = try NegativeSearchCache(folder.file("match.db"), lifetime: .seconds(60))
            for round in 1...2 {
                _ = try await fixture.search([SearchedSource(source: source, budget: budget)])
                #expect(source.queries.count == 4 * round)
            }
        }
    }

    @Test("Processes share the cache of misses, and its entries expire")
    func sharesMisses() async throws {
        try await withTemporaryFolder { folder in
            let first = try NegativeSearchCache(folder.file("match.db"), lifetime: .seconds(60))
            let second = try NegativeSearchCache(folder.file("match.db"), lifetime: .seconds(60))
            try await first.insert("limited", "words")
            #expect(try await second.contains("limited", "words"))
            #expect(try await !second.contains("limited", "other words"))
            #expect(try await !second.contains("another", "words"))
            let brief = try NegativeSearchCache(folder.file("match.db"), lifetime: .zero)
            #expect(try await !brief.contains("limited", "words"))
        }
    }
}

/// Two connections, as a service has them.
struct MatchConnections: Sendable {
    let reading: AMQPConnection
    let publishing: AMQPConnection

    init(_ url: String) async throws {
        let address = try BrokerAddress(url: url)
        let logger = Logger(label: "match-test") { _ in SwiftLogNoOpLogHandler() }
        reading = AMQPConnection(ConnectionConfiguration(addresses: [address], name: "read"), logger: logger)
        publishing = AMQPConnection(ConnectionConfiguration(addresses: [address], name: "publish"), logger: logger)
        try await reading.waitUntilOpen(timeout: .seconds(30))
    }

    func budget(_ limits: BudgetLimits) -> ProviderBudget {
        ProviderBudget(
            "limited", limits, reading: reading, publishing: publishing, queueType: .classic,
            logger: Logger(label: "match-test") { _ in SwiftLogNoOpLogHandler() })
    }

    func close() async {
        await publishing.close()
        await reading.close()
    }
}
