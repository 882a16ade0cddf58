import Contracts
import Foundation
import TestSupport
import Testing

@testable import Gateway
@testable import JobLedger

@Suite struct LinkIntakeTests {
    private static let list = "ppppppppppppppppppppp1"

    @Test func `Links and tracks of one submission are answered in its order`() async throws {
        try await withGatewayRoutes { _, client in
            let response = try await client.post(
                "/api/v1/downloads",
                #"{"items":[{"link":"https://open.spotify.com/playlist/\#(Self.list)?si=1"},{"artist":"A","title":"T"}]}"#
            )
            #expect(response.status == 202)
            #expect(response.json["items_total"] == 2)
            guard case .array(let items)? = response.json["items"], items.count == 2 else { throw NotThere() }
            #expect(items[0]["status"] == "expanding")
            #expect(items[0]["job_id"] == nil)
            #expect(items[0]["link"] == .string("spotify:playlist:\(Self.list)"))
            #expect(items[1]["index"] == 1)
            #expect(items[1]["status"] == "enqueued")
            let id = try #require(items[0]["expansion_id"]?.stringValue)
            let batch = try #require(response.json["batch_id"]?.stringValue)
            let summary = try await client.get("/api/v1/batches/\(batch)")
            let expansion = try #require(summary.json["expansions"]?.first)
            #expect(expansion["id"] == .string(id))
            #expect(expansion["kind"] == "playlist" && expansion["state"] == "queued" && expansion["read"] == 0)
            #expect(summary.json["state"] == "running")
            #expect(summary.json["items_total"] == 1)
        }
    }

    @Test func `A link goes to the planner's queue with all that its jobs have in common`() async throws {
        try await GatewayFixture.run { gateway in
            let response = try await gateway.submit(
                #"""
                {"batch_id":"b1","requested_by":"anna","kind":"watchlist","priority":5,"dedupe_key":"p","force":true,
                 "items":[{"artist":"A","title":"T"},
                          {"link":"spotify:playlist:\#(Self.list)","dedupe_key":"k","priority":7,"standing":true}]}
                """#)
            let expansion = try #require(response.expansions.first)
            let entries = try await gateway.store.lease(10, to: "test", for: .seconds(1))
            let entry = try #require(entries.first { $0.route.type == MessageType.link })
            #expect(entry.route.exchange == "" && entry.route.key == QueueName.planner)
            #expect(entry.messageID == expansion.expansionID.text && entry.jobID == entry.messageID)
            #expect(entry.priority == 7)
            let request = try ContractCoding.decode(LinkRequest.self, from: entry.body)
            #expect(request.expansionID == expansion.expansionID && request.batchID.text == "b1")
            #expect(request.link == "spotify:playlist:\(Self.list)" && request.kind == .watchlist)
            #expect(request.priority == 7 && request.requestedBy == "anna" && request.index == 1)
            #expect(request.dedupePrefix == "p" && request.dedupeKey == "k")
            #expect(request.force == true && request.standing == true)
        }
    }

    @Test func `A repeated submission gets the same response and reserves no second link`() async throws {
        try await withGatewayRoutes { gateway, client in
            let body = #"{"items":[{"link":"spotify:saved"}]}"#
            let first = try await client.post("/api/v1/downloads", body, ["Idempotency-Key": "k"])
            let second = try await client.post("/api/v1/downloads", body, ["Idempotency-Key": "k"])
            #expect(first.json == second.json)
            #expect(second.headers["Idempotency-Replayed"] == "true")
            #expect(try await gateway.store.outboxDepth() == 1)
        }
    }

    @Test func `An invalid link is refused with its place`() async throws {
        try await withGatewayRoutes { _, client in
            let response = try await client.post("/api/v1/downloads", #"{"items":[{"link":"https://example.com/x"}]}"#)
            #expect(response.status == 400)
            #expect(response.json["error"]?["meta"]?["field"] == "/items/0/link")
        }
    }

    // MARK: - Events of the planner

    @Test func `Events of the planner change the expansion by their step, in any order and repeated`() async throws {
        try await withGatewayRoutes { gateway, client in
            let response = try await gateway.submit(#"{"batch_id":"b1","items":[{"link":"spotify:saved"}]}"#)
            let id = try #require(response.expansions.first).expansionID
            func event(_ step: Int, _ state: ExpansionEvent.State, read: Int) throws -> LedgerEvent {
                .expansion(
                    ExpansionEvent(
                        expansionID: id, batchID: try #require(JobID("b1")), link: "spotify:saved", step: step,
                        state: state, counts: .init(read: read, enqueued: read, skipped: ["gone": step]),
                        at: gateway.clock.now))
            }
            func shown() async throws -> JSONValue {
                try #require(try await client.get("/api/v1/batches/b1").json["expansions"]?.first)
            }
            #expect(try await gateway.store.apply([event(1, .expanding, read: 10)]) == 1)
            #expect(try await gateway.store.apply([event(2, .expanding, read: 20)]) == 1)
            #expect(try await gateway.store.apply([event(1, .expanding, read: 10), event(2, .waiting, read: 5)]) == 0)
            #expect(try await shown()["read"] == 20)
            #expect(try await shown()["skipped"]?["gone"] == 2)
            #expect(try await client.get("/api/v1/batches/b1").json["state"] == "running")
            #expect(
                try await gateway.store.apply([event(3, .completed, read: 30), event(2, .expanding, read: 20)]) == 1)
            #expect(try await shown()["state"] == "completed")
            #expect(try await shown()["ended_at"] != nil)
            #expect(try await client.get("/api/v1/batches/b1").json["state"] == "success")
        }
    }

    @Test func `A waiting expansion shows until when and why; a failed one makes the batch a failure`() async throws {
        try await withGatewayRoutes { gateway, client in
            let batch = try #require(JobID("b2"))
            var event = ExpansionEvent(
                expansionID: JobID(), batchID: batch, link: "spotify:saved", step: 4, state: .waiting,
                counts: .init(read: 3), at: gateway.clock.now)
            event.until = gateway.clock.now + .seconds(60)
            event.error = .init(code: "provider_unavailable", message: "Spotify is away")
            // The ledger has no such expansion: the planner knows it from another database.
            #expect(try await gateway.store.apply([.expansion(event)]) == 1)
            let waiting = try await client.get("/api/v1/batches/b2").json
            #expect(waiting["state"] == "running")
            #expect(waiting["expansions"]?.first?["until"] == .string((gateway.clock.now + .seconds(60)).description))
            #expect(waiting["expansions"]?.first?["error"]?["code"] == "provider_unavailable")
            (event.step, event.state) = (5, .failed)
            #expect(try await gateway.store.apply([.expansion(event)]) == 1)
            let failed = try await client.get("/api/v1/batches/b2").json
            #expect(failed["state"] == "failed")
            #expect(failed["expansions"]?.first?["until"] == nil)
        }
    }
}
