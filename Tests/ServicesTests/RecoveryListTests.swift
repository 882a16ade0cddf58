import AMQP
import Contracts
import Foundation
import ServiceKit
import TestSupport
import Testing

@testable import RecoveryService

@Suite(.enabled(if: TestBroker.isExpected, "\(TestBroker.howToGetOne)"))
struct RecoveryListTests {
    @Test func `a dead letter is listed with what is known of it and stays parked`() async throws {
        try await RecoveryWorld.run { world in
            try await world.bury(1)
            let item = try #require(try await world.list().first)
            #expect(item["id"] == "m-1")
            #expect(item["entity"] == "download")
            #expect(item["reason"] == "no_source")
            #expect(item["message"] == "nobody has it")
            #expect(item["job_id"] == "job-1")
            #expect(item["artist"] == "Artist 1")
            #expect(item["title"] == "Title 1")
            #expect(item["stage"] == "download")
            #expect(item["queue"] == "hdm.dlq.download")
            #expect(item["presence"] == "present")
            #expect(item["retry_count"] == 4)
            #expect(item["worker"] == "test-worker")
            #expect(item["created_at"]?.stringValue.flatMap { Timestamp($0) } != nil)
            #expect(try await world.depth("hdm.dlq.download") == 1)
            try await eventually("the copy is taken") { try await world.depth(QueueName.recovery) == 0 }
        }
    }

    @Test func `the list has pages, an order and filters`() async throws {
        try await RecoveryWorld.run { world in
            for number in 0..<5 { try await world.bury(number) }
            for number in 5..<7 { try await world.bury(number, at: .tag, .verificationFailed, "Broken File") }
            try await world.untilIndexed(7)
            let ids = (0..<7).map { "m-\($0)" }
            #expect(try await world.list("order_dir=asc").texts("id") == ids)
            #expect(try await world.list().texts("id") == ids.reversed())
            let page = try await world.send("GET", "/api/v1/dlq?page=2&page_size=3&order_dir=asc", nil)
            #expect(page.data["items"]?.elements.texts("id") == ["m-3", "m-4", "m-5"])
            #expect(page.data["total"] == 7)
            #expect(page.data["page"] == 2)
            #expect(page.data["page_size"] == 3)
            #expect(page.body["ok"] == true)
            #expect(page.body["error"] == .null)
            #expect(try await world.list("stage=tag").count == 2)
            #expect(try await world.list("reason=no_source").count == 5)
            #expect(try await world.list("reason=broken").count == 2)
            #expect(try await world.list("from=2999-01-01T00:00:00Z").isEmpty)
            #expect(try await world.list("to=2999-01-01T00:00:00Z&order_by=updated_at").count == 7)
        }
    }

    @Test(arguments: [
        "page=0", "page=x", "page_size=0", "page_size=101", "order_by=title", "order_dir=up", "stage=moon",
        "from=monday",
        "to=1",
    ])
    func `a parameter that makes no sense is refused by its name`(query: String) async throws {
        try await RecoveryWorld.run { world in
            let reply = try await world.send("GET", "/api/v1/dlq?\(query)", nil)
            #expect(reply.status == 400)
            #expect(reply.code == "VALIDATION_ERROR")
            let name = query.prefix { $0 != "=" }
            #expect(reply.body["error"]?["meta"]?["field"]?.stringValue == "/\(name)")
        }
    }

    @Test func `the counts tell what lies where and why`() async throws {
        try await RecoveryWorld.run { world in
            for number in 0..<3 { try await world.bury(number) }
            try await world.bury(3, at: .move, .diskFull, "no space")
            try await world.untilIndexed(4)
            let stats = try await world.send("GET", "/api/v1/dlq/stats", nil).data
            #expect(stats["total"] == 4)
            #expect(stats["by_reason"] == ["no_source": 3, "disk_full": 1])
            #expect(stats["by_stage"] == ["match": 0, "download": 3, "tag": 0, "move": 1, "invalid": 0])
            #expect(stats["last_24h"] == 4)
        }
    }

    @Test func `what the broker dead-lettered itself is listed with its reason`() async throws {
        try await RecoveryWorld.run { world in
            var message = try world.message(1)
            message.properties.messageID = nil
            try await world.runtime.publisher.publish(message, to: ExchangeName.jobs, key: "job.tag")
            try await world.runtime.consuming.inspect("hdm.q.tag") { try await $0.next()?.reject() }
            try await world.untilIndexed(1)
            let item = try #require(try await world.list().first)
            #expect(item["reason"] == "rejected")
            #expect(item["stage"] == "tag")
            #expect(item["queue"] == "hdm.dlq.tag")
            #expect(item["job_id"] == "job-1")
            let id = try #require(item["id"]?.stringValue)
            #expect(try await world.requeue([id]).data["requeued"]?.texts == [id])
            #expect(try await world.jobs(in: "hdm.q.tag") == ["job-1"])
        }
    }

    @Test func `what nothing takes and what is no job is listed, too`() async throws {
        try await RecoveryWorld.run { world in
            try await world.vhost.publish("not json", to: ExchangeName.jobs, key: "job.nowhere")
            let item = try #require(try await world.list().first)
            #expect(item["reason"] == "unroutable")
            #expect(item["queue"] == "hdm.dlq.invalid")
            #expect(item["job_id"] == nil)
            #expect(try await world.list().count == 1)
        }
    }

    @Test func `an index that was lost is made again from the parking lots`() async throws {
        try await withVhost { vhost in
            try await withTemporaryFolder { folder in
                try await RecoveryWorld(vhost, folder).serve { world in
                    for number in 0..<30 { try await world.bury(number) }
                    try await world.untilIndexed(30)
                }
                try FileManager.default.removeItem(atPath: folder.path("state"))
                // With the index lost, and then with the index kept.
                for _ in 0..<2 {
                    try await RecoveryWorld(vhost, folder).serve { world in
                        let listed = try await world.list("page_size=100").count
                        let parked = try await world.depth("hdm.dlq.download")
                        #expect(listed == 30)
                        #expect(parked == 30)
                    }
                }
            }
        }
    }

    @Test func `what somebody else holds is called held and comes back`() async throws {
        try await RecoveryWorld.run { world in
            for number in 0..<3 { try await world.bury(number) }
            try await world.untilIndexed(3)
            try await world.runtime.publishing.inspect("hdm.dlq.download") { inspection in
                _ = try await inspection.next()
                let items = try await world.list("order_dir=asc")
                #expect(items.texts("presence") == ["held", "present", "present"])
                let reply = try await world.requeue(["m-0"])
                #expect(reply.data["skipped"]?.elements.texts("reason") == ["held_elsewhere"])
            }
            #expect(try await world.list().texts("presence") == ["present", "present", "present"])
        }
    }

    @Test func `a broker that is away is told as a missing dependency`() async throws {
        try await RecoveryWorld.run { world in
            await world.runtime.consuming.close()
            for path in ["/api/v1/dlq", "/api/v1/dlq/stats"] {
                let reply = try await world.send("GET", path, nil)
                #expect(reply.status == 503)
                #expect(reply.code == "DEPENDENCY_ERROR")
            }
        }
    }

    @Test func `the depth of the parking lots is measured`() async throws {
        try await RecoveryWorld.run { world in
            for number in 0..<2 { try await world.bury(number) }
            let registry = PrometheusRegistry()
            let index = try await DeadLetterIndex.open(at: world.folder.file("other.db"))
            let service = DepthService(
                desk: RecoveryDesk(world.runtime, index: index, surveyLimit: 10), metrics: registry)
            // The survey of the start holds the messages for a moment.
            try await eventually("both are counted") {
                await service.measure()
                return registry.render().contains(#"hdm_dlq_depth{queue="hdm.dlq.download"} 2.0"#)
            }
            #expect(registry.render().contains(#"hdm_dlq_depth{queue="hdm.dlq.tag"} 0.0"#))
        }
    }
}
