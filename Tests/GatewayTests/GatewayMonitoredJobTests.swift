import Contracts
import Foundation
import TestSupport
import Testing

@testable import Gateway
@testable import JobLedger

@Suite struct GatewayMonitoredJobTests {
    @Test func `Monitored jobs are marked, can be listed separately, and hold their key while they wait`() async throws
    {
        try await withGatewayRoutes { gateway, client in
            let response = try await gateway.submit(
                #"{"standing":true,"items":[{"artist":"A","title":"1"},{"artist":"A","title":"2","standing":false}]}"#)
            let id = response.items[0].jobID
            #expect(try await gateway.job(id).document?.standing == true)
            #expect(try await gateway.job(response.items[1].jobID).document?.standing == false)
            var event = JobEvent.test(.waiting, .match, .waiting, hop: 0, job: id, key: "a|1|")
            event.data = ["standing_tries": 3]
            event.notBefore = gateway.clock.now + .seconds(3600)
            try await gateway.apply(event)

            let list = try await client.get("/api/v1/downloads?standing=true")
            #expect(list.json["total"] == 1)
            let shown = try #require(list.json["items"]?.first)
            #expect(shown["job_id"] == .string(id.text) && shown["state"] == "waiting")
            #expect(shown["standing"] == true && shown["standing_tries"] == 3 && shown["not_before"] != nil)
            let others = try await client.get("/api/v1/downloads?standing=false")
            #expect(others.json["total"] == 1 && others.json["items"]?.first?["standing"] == nil)
            #expect(try await client.get("/api/v1/downloads?standing=maybe").status == 400)
            let again = try await gateway.submit(#"{"items":[{"artist":"A","title":"1"}]}"#)
            #expect(again.items.first?.status == .alreadyEnqueued)
        }
    }

    @Test func `A monitored job of another service is recognised by its event`() async throws {
        try await GatewayFixture.run { gateway in
            let id = JobID()
            var event = JobEvent.test(.waiting, .match, .waiting, hop: 0, job: id)
            event.data = ["standing_tries": 1]
            try await gateway.apply(event)
            var filter = JobFilter()
            filter.standing = true
            #expect(try await gateway.store.jobs(filter).items.map(\.jobID) == [id])
        }
    }
}
