import Catalogues
import Contracts
import Foundation
import HTTPTypes
import HummingbirdTesting
import TestSupport
import Testing

@testable import PlannerService

@Suite struct WatchlistRoutesTests {
    private static let key = "spotify:\(ShelfID.of(1, "a"))"

    @Test func `An artist is added, listed, changed and removed`() async throws {
        try await withPlannerRoutes { _, client in
            let path = "/api/v1/watchlist/\(Self.key)"
            let added = try await client.post("/api/v1/watchlist", #"{"artist_key":"\#(Self.key)","priority":3}"#)
            #expect(added.status == 201)
            #expect(added.json["artist_key"] == .string(Self.key))
            #expect(added.json["priority"] == 3)
            #expect(added.json["paused"] == .bool(false))
            #expect(added.json["pause_reason"] == .null && added.json["resume_at"] == .null)
            #expect(added.json["interval_seconds"] == 86_400)
            let again = try await client.post(
                "/api/v1/watchlist", #"{"link":"https://open.spotify.com/artist/\#(ShelfID.of(1, "a"))"}"#)
            #expect(again.status == 409)
            #expect(try await client.get("/api/v1/watchlist").json["items"]?.first?["id"] == added.json["id"])
            let changed = try await client.send("PATCH", path, #"{"priority":5,"budget":9}"#)
            #expect(changed.json["priority"] == 5 && changed.json["budget"] == 9)
            #expect(try await client.get(path.replacing(":", with: "%3A")).json["budget"] == 9)
            let removed = try await client.sendRaw("DELETE", path)
            #expect(removed == 204)
            #expect(try await client.get(path).status == 404)
            #expect(try await client.sendRaw("DELETE", path) == 404)
        }
    }

    @Test func `Pausing takes a reason and an end; resuming forgets them`() async throws {
        try await withPlannerRoutes { _, client in
            let path = "/api/v1/watchlist/\(Self.key)"
            _ = try await client.post("/api/v1/watchlist", #"{"artist_key":"\#(Self.key)"}"#)
            let paused = try await client.post(
                "\(path)/pause", #"{"reason":"holiday","resume_at":"2030-01-01T00:00:00Z"}"#)
            #expect(paused.json["paused"] == .bool(true))
            #expect(paused.json["pause_reason"] == "holiday")
            #expect(paused.json["resume_at"] == "2030-01-01T00:00:00.000Z")
            let resumed = try await client.post("\(path)/resume", "")
            #expect(resumed.json["paused"] == .bool(false) && resumed.json["pause_reason"] == .null)
            #expect(try await client.post("/api/v1/watchlist/spotify:x/pause", "").status == 404)
        }
    }

    @Test func `A check can be requested, no sooner than the cooldown allows`() async throws {
        try await withPlannerRoutes { planner, client in
            let path = "/api/v1/watchlist/\(Self.key)/run"
            let catalogue = ShelfCatalogue { $0.releases[ShelfID.of(1, "a")] = [] }
            let start = planner.clock.now
            _ = try await client.post("/api/v1/watchlist", #"{"artist_key":"\#(Self.key)"}"#)
            try await planner.watcher(catalogue).drain()
            #expect(try await planner.entry(Self.key).runs == 1)
            planner.clock.advance(by: .seconds(60))
            let asked = try await client.post(path, "")
            #expect(asked.json["next_due"] == .string("\(start + .seconds(900))"))
            planner.clock.advance(by: .seconds(840))
            try await planner.watcher(catalogue).drain()
            #expect(try await planner.entry(Self.key).runs == 2)
        }
    }

    @Test(arguments: [
        (#"{}"#, "/artist_key"), (#"{"artist_key":"deezer:1"}"#, "/artist_key"),
        (#"{"artist_key":"spotify:album:\#(ShelfID.of(1, "b"))"}"#, "/artist_key"),
        (#"{"artist_key":"\#(key)","priority":10}"#, "/priority"),
        (#"{"artist_key":"\#(key)","interval_seconds":5}"#, "/interval_seconds"),
        (#"{"artist_key":"\#(key)","budget":1.5}"#, "/budget"),
        (#"{"artist_key":"\#(key)","since":"2026"}"#, "/since"),
        (#"{"link":"spotify:saved","since":"2026-01-01"}"#, "/since"),
        (#"{"artist_key":"\#(key)","backlog":"yes"}"#, "/backlog"), (#"{"artist":"x"}"#, ""), ("[]", ""),
    ])
    func `A request that cannot be watched is refused with the path`(_ body: String, _ path: String) async throws {
        try await withPlannerRoutes { _, client in
            let answer = try await client.post("/api/v1/watchlist", body)
            #expect(answer.status == 400)
            #expect(answer.json["error"]?["meta"]?["field"] == .string(path))
        }
    }
}

extension RouteClient {
    /// The status of an answer that may have no body.
    func sendRaw(_ method: String, _ path: String) async throws -> Int {
        try await client.executeRequest(
            uri: path, method: try #require(.init(rawValue: method)), headers: [:], body: nil
        ).status.code
    }
}
