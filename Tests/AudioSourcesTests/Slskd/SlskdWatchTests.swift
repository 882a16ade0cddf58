import Contracts
import Foundation
import Testing

@testable import AudioSources

@Suite("The end of a search at slskd")
struct SlskdWatchTests {
    private let began = ContinuousClock.now
    private let limits = SlskdSearchLimits()

    private func search(_ state: String, responses: Int = 0, isStored: Bool = false) throws -> SlskdSearch {
        let end = isStored ? #","endedAt":"2026-08-22T10:11:12Z""# : ""
        let json =
            #"{"id":"0f8fad5b-d9cb-469f-a165-70867728950e","state":"\#(state)","responseCount":\#(responses)\#(end)}"#
        return try SlskdJSON.decoder.decode(SlskdSearch.self, from: Data(json.utf8))
    }

    @Test("The search has ended when its responses are stored")
    func waitsForStore() throws {
        var watch = SlskdWatch(limits, now: began)
        #expect(try watch.observe(search("Completed, TimedOut", responses: 2), now: began) == .wait)
        let stored = try search("Completed, TimedOut", responses: 2, isStored: true)
        #expect(try watch.observe(stored, now: began) == .ended(stored))
    }

    @Test("A long search is stopped, and the time in the queue does not count")
    func stops() throws {
        var watch = SlskdWatch(limits, now: began)
        #expect(try watch.observe(search("Queued"), now: began + limits.longest * 2) == .wait)
        let run = began + limits.longest * 2 + .seconds(1)
        #expect(try watch.observe(search("InProgress"), now: run) == .wait)
        #expect(try watch.observe(search("InProgress"), now: run + limits.longest) == .stop)
        #expect(try watch.observe(search("InProgress"), now: run + limits.longest + .seconds(1)) == .wait)
        try watch.check(search("Completed, Cancelled", isStored: true))
        #expect(throws: SlskdError.self) { try watch.observe(search("InProgress"), now: began + .seconds(600)) }
    }

    @Test(
        "An empty search is not conclusive when slskd was unavailable, lost the network, or another client stopped the search"
    )
    func doubtsMisses() throws {
        var watch = SlskdWatch(limits, now: began)
        let nothing = try search("Completed, TimedOut", isStored: true)
        try watch.check(nothing)
        #expect(throws: SlskdError.self) { try watch.check(search("Completed, Errored", responses: 3, isStored: true)) }
        #expect(throws: SlskdError.self) { try watch.check(search("Completed, Cancelled", isStored: true)) }
        try watch.check(search("Completed, Cancelled", responses: 3, isStored: true))
        try watch.observe(failure: SlskdError(.unavailable, "away"), now: began)
        #expect(throws: SlskdError.self) { try watch.check(nothing) }
        try watch.check(search("Completed, TimedOut", responses: 1, isStored: true))
        #expect(throws: SlskdError.self) {
            try watch.observe(failure: SlskdError(.unavailable, "away"), now: began + .seconds(60))
        }
    }

    @Test("Any process can read the expiry of a search from its id")
    func marksSearches() throws {
        let until = try #require(Timestamp("2026-08-22T10:11:12Z"))
        let id = SlskdSearchID(until: until)
        #expect(SlskdSearchID(id.id)?.until == until)
        #expect(id.id.uuidString.split(separator: "-")[2].hasPrefix("8"))
        #expect(SlskdSearchID(until: until) != id)
        #expect(SlskdSearchID(UUID()) == nil)
    }
}
