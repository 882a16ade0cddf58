import Contracts
import Foundation
import TestSupport
import Testing

@testable import ServiceKit

@Suite struct BudgetLedgerTests {
    private let start = Timestamp("2026-01-31T08:00:00Z") ?? .now
    private let limits = BudgetLimits(uses: 3, window: .seconds(10), gap: .seconds(1), concurrent: 1)

    private func ledger(_ seconds: [Int], blocked: Int? = nil, inFlight: Int? = nil) -> BudgetLedger {
        var ledger = BudgetLedger(provider: "p")
        for (index, second) in seconds.enumerated() {
            ledger.merge([BudgetUse(id: "\(index)", at: start + .seconds(second))])
        }
        if let blocked { ledger.block(until: start + .seconds(blocked), because: "too fast") }
        if let inFlight {
            ledger.merge([BudgetUse(id: "f", at: start + .seconds(inFlight), inFlightUntil: start + .seconds(100))])
        }
        return ledger
    }

    @Test func `An obstacle is returned with its reason and end`() {
        func obstacle(_ ledger: BudgetLedger, _ second: Int) -> BudgetObstacle? {
            ledger.obstacle(limits, at: start + .seconds(second))
        }
        #expect(obstacle(ledger([]), 0) == nil)
        #expect(obstacle(ledger([0]), 0) == BudgetObstacle(reason: .gap, until: start + .seconds(1)))
        #expect(obstacle(ledger([0]), 1) == nil)
        #expect(obstacle(ledger([0, 1, 2]), 5) == BudgetObstacle(reason: .window, until: start + .seconds(10)))
        #expect(obstacle(ledger([0, 1, 2]), 10) == nil)
        #expect(obstacle(ledger([0, 1, 2, 10]), 10) == BudgetObstacle(reason: .window, until: start + .seconds(11)))
        #expect(obstacle(ledger([0, 1, 2], blocked: 7), 5)?.reason == .window)
        #expect(
            obstacle(ledger([0], blocked: 70), 5) == BudgetObstacle(reason: .blocked, until: start + .seconds(70)))
        #expect(
            obstacle(ledger([], inFlight: 0), 5) == BudgetObstacle(reason: .concurrency, until: start + .seconds(100)))
        #expect(obstacle(ledger([], inFlight: 0), 100) == nil)
        #expect(obstacle(ledger([0, 1], inFlight: 2), 5)?.reason == .window)
    }

    @Test func `Without limits there is no obstacle`() {
        let limits = BudgetLimits(uses: 0, window: .seconds(60))
        #expect(ledger([0, 0, 0], inFlight: 0).obstacle(limits, at: start) == nil)
    }

    @Test func `The n-th request starts when n uses have ended`() {
        func begins(_ ledger: BudgetLedger) -> [Int] {
            (1...7).map { count in
                Int(ledger.start(ofRequest: count, limits, at: start + .seconds(3)).since(start) / .seconds(1))
            }
        }
        #expect(begins(ledger([])) == [3, 4, 5, 13, 14, 15, 23])
        #expect(begins(ledger([0, 1, 2])) == [10, 11, 12, 20, 21, 22, 30])
        #expect(begins(ledger([0, 1, 2], blocked: 100)) == [100, 101, 102, 110, 111, 112, 120])
    }

    @Test func `A merge of two ledgers has all uses, all ends and the longer block`() {
        var one = ledger([0, 1], blocked: 20)
        one.merge([BudgetUse(id: "x", at: start + .seconds(2), inFlightUntil: start + .seconds(62))])
        var other = ledger([0])
        other.generation = 7
        other.merge([
            BudgetUse(id: "x", at: start + .seconds(2)),
            BudgetUse(id: "y", at: start + .seconds(3), inFlightUntil: start + .seconds(63)),
        ])
        other.block(until: start + .seconds(10), because: "shorter")
        var (left, right) = (one, other)
        left.merge(other)
        right.merge(one)
        #expect(left == right)
        #expect(left.uses.map(\.id) == ["0", "1", "x", "y"])
        #expect(left.inFlight(at: start).map(\.id) == ["y"])
        #expect(left.generation == 7 && left.blockedUntil == start + .seconds(20))
        #expect(left.blockedBecause == "too fast")
        var again = left
        again.merge(one)
        #expect(again == left)
    }

    @Test func `The end of a request moves its use to the actual start, and never back`() {
        var ledger = ledger([0], inFlight: 1)
        ledger.end("f", began: start + .seconds(4))
        #expect(ledger.uses.last == BudgetUse(id: "f", at: start + .seconds(4)))
        ledger.end("f", began: start)
        ledger.end("unknown", began: nil)
        #expect(ledger.uses.map(\.at) == [start, start + .seconds(4)])
    }

    @Test func `Only uses that no longer count are removed`() {
        var ledger = ledger([0, 1, 2], blocked: 5, inFlight: 0)
        ledger.prune(limits, at: start + .milliseconds(10_999))
        #expect(ledger.uses.map(\.id) == ["f", "1", "2"] && ledger.blockedUntil == nil)
        ledger.prune(limits, at: start + .seconds(100))
        #expect(ledger.uses.isEmpty)
    }

    @Test func `The example of the contract is decoded and encoded with all fields`() throws {
        let file = PackageRoot.path("contracts/examples/budget.slskd.json")
        let data = try Data(contentsOf: URL(filePath: file))
        let ledger = try #require(BudgetLedger(data))
        #expect(ledger.uses.count == 3 && ledger.generation == 57)
        let written = try ContractCoding.decode(JSONValue.self, from: try ContractCoding.encode(ledger))
        #expect(written == (try ContractCoding.decode(JSONValue.self, from: data)))
    }

    @Test(arguments: [Int.max, Int.min])
    func `a ledger with the largest or smallest number can still be replaced`(_ generation: Int) throws {
        let body = #"{"schema":"hdm.budget/1","provider":"p","generation":\#(generation),"uses":[]}"#
        var ledger = try #require(BudgetLedger(Data(body.utf8)))
        for _ in 0..<3 { ledger.generation += 1 }
        #expect(ledger.generation >= 0)
    }

    @Test(arguments: ["", "{}", "[]", #"{"schema":"hdm.budget/2","provider":"p","generation":1,"uses":[]}"#])
    func `Another document is not a ledger`(_ text: String) {
        #expect(BudgetLedger(Data(text.utf8)) == nil)
    }
}

@Suite struct BudgetLimitsTests {
    private func limits(_ environment: [String: String] = [:], _ provider: String) throws -> BudgetLimits? {
        try BudgetLimits(Settings(environment: environment), provider: provider)
    }

    @Test func `Spotify and MusicBrainz are limited by default, other providers only by the given preset`() throws {
        let preset = BudgetLimits(uses: 34, window: .seconds(220), gap: .seconds(1), concurrent: 1)
        #expect(try BudgetLimits(Settings(environment: [:]), provider: "slskd", default: preset) == preset)
        #expect(try limits("slskd") == nil)
        #expect(try limits("spotify") == BudgetLimits(uses: 60, window: .seconds(30), concurrent: 4))
        #expect(try limits("musicbrainz")?.gap == .milliseconds(1100))
        #expect(try limits("musicbrainz")?.concurrent == 1)
        #expect(try limits("lyrics") == nil)
        #expect(try limits(["PROVIDER_SLSKD_BUDGET": "5"], "lyrics") == nil)
    }

    private func limits(_ provider: String) throws -> BudgetLimits? { try limits([:], provider) }

    @Test func `Settings define the limits of any provider`() throws {
        let environment = [
            "PROVIDER_COVER_ART_BUDGET": "10", "PROVIDER_COVER_ART_BUDGET_WINDOW_S": "30",
            "PROVIDER_COVER_ART_GAP_MS": "1500", "PROVIDER_COVER_ART_CONCURRENCY": "2",
        ]
        #expect(
            try limits(environment, "cover-art")
                == BudgetLimits(uses: 10, window: .seconds(30), gap: .milliseconds(1500), concurrent: 2))
        #expect(
            try limits(["PROVIDER_SPOTIFY_CONCURRENCY": "3"], "spotify")
                == BudgetLimits(uses: 60, window: .seconds(30), concurrent: 3))
    }

    @Test func `Zero means no limit`() throws {
        let open = [
            "PROVIDER_SLSKD_BUDGET": "0", "PROVIDER_SLSKD_GAP_MS": "0", "PROVIDER_SLSKD_CONCURRENCY": "0",
        ]
        #expect(try limits(open, "slskd") == nil)
        let preset = BudgetLimits(uses: 34, window: .seconds(220), gap: .seconds(1), concurrent: 1)
        let settings = Settings(environment: ["PROVIDER_SLSKD_BUDGET": "0"])
        let limits = try BudgetLimits(settings, provider: "slskd", default: preset)
        #expect(limits == BudgetLimits(uses: 0, window: .seconds(220), gap: .seconds(1), concurrent: 1))
    }

    @Test(arguments: ["BUDGET", "BUDGET_WINDOW_S", "GAP_MS", "CONCURRENCY"])
    func `An invalid value is named`(_ setting: String) throws {
        let name = "PROVIDER_SLSKD_\(setting)"
        for value in ["-1", "many", "1.5"] {
            #expect(try #require(throws: SettingsError.self) { try limits([name: value], "slskd") }.name == name)
        }
    }
}
