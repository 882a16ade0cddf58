import AMQP
import Contracts
import Foundation
import ServiceKit
import TestSupport
import Testing

@testable import RecoveryService

@Suite(.enabled(if: TestBroker.isExpected, "\(TestBroker.setupHint)"))
struct RecoveryListTests {
    @Test func `A dead letter is listed with its data and stays in its queue`() async throws {
        try await RecoveryFixture.run { fixture in
            try await fixture.deadLetter(1)
            let item = try #require(try await fixture.list().first)
            #expect(item["id"] == "m-1")
            #expect(item["entity"] == "download")
            #expect(item["reason"] == "no_source")
            #expect(item["message"] == "no source offers it")
            #expect(item["job_id"] == "job-1")
            #expect(item["artist"] == "Artist 1")
            #expect(item["title"] == "Title 1")
            #expect(item["stage"] == "download")
            #expect(item["queue"] == "hdm.dlq.download")
            #expect(item["presence"] == "present")
            #expect(item["retry_count"] == 4)
            #expect(item["worker"] == "test-worker")
            #expect(item["created_at"]?.stringValue.flatMap { Timestamp($0) } != nil)
            #expect(try await fixture.depth("hdm.dlq.download") == 1)
            try await eventually("the copy is consumed") { try await fixture.depth(QueueName.recovery) == 0 }
        }
    }

    @Test func `The list has pages, an order and filters`() async throws {
        try await RecoveryFixture.run { fixture in
            for number in 0..<5 { try await fixture.deadLetter(number) }
            for number in 5..<7 { try await fixture.deadLetter(number, at: .tag, .verificationFailed, "Broken File") }
            try await fixture.untilIndexed(7)
            let ids = (0..<7).map { "m-\($0)" }
            #expect(try await fixture.list("order_dir=asc").texts("id") == ids)
            #expect(try await fixture.list().texts("id") == ids.reversed())
            let page = try await fixture.send("GET", "/api/v1/dlq?page=2&page_size=3&order_dir=asc", nil)
            #expect(page.data["items"]?.elements.texts("id") == ["m-3", "m-4", "m-5"])
            #expect(page.data["total"] == 7)
            #expect(page.data["page"] == 2)
            #expect(page.data["page_size"] == 3)
            #expect(page.body["ok"] == true)
            #expect(page.body["error"] == .null)
            #expect(try await fixture.list("stage=tag").count == 2)
            #expect(try await fixture.list("reason=no_source").count == 5)
            #expect(try await fixture.list("reason=broken").count == 2)
            #expect(try await fixture.list("from=2999-01-01T00:00:00Z").isEmpty)
            #expect(try await fixture.list("to=2999-01-01T00:00:00Z&order_by=updated_at").count == 7)
        }
    }

    @Test(arguments: [
        "page=0", "page=x", "page_size=0", "page_size=101", "order_by=title", "order_dir=up", "stage=moon",
        "from=monday",
        "to=1",
    ])
    func `An invalid parameter is refused, and the error names it`(query: String) async throws {
        try await RecoveryFixture.run { fixture in
            let reply = try await fixture.send("GET", "/api/v1/dlq?\(query)", nil)
            #expect(reply.status == 400)
            #expect(reply.code == "VALIDATION_ERROR")
            let name = query.prefix { $0 != "=" }
            #expect(reply.body["error"]?["meta"]?["field"]?.stringValue == "/\(name)")
        }
    }

    @Test func `The statistics count dead letters by queue and by reason`() async throws {
        try await RecoveryFixture.run { fixture in
            for number in 0..<3 { try await fixture.deadLetter(number) }
            try await fixture.deadLetter(3, at: .move, .diskFull, "no space")
            try await fixture.untilIndexed(4)
            let stats = try await fixture.send("GET", "/api/v1/dlq/stats", nil).data
            #expect(stats["total"] == 4)
            #expect(stats["by_reason"] == ["no_source": 3, "disk_full": 1])
            #expect(stats["by_stage"] == ["match": 0, "download": 3, "tag": 0, "move": 1, "invalid": 0])
            #expect(stats["last_24h"] == 4)
        }
    }

    @Test func `A message that the broker dead-lettered is listed with the broker's reason`() async throws {
        try await RecoveryFixture.run { fixture in
            var message = try fixture.message(1)
            message.properties.messageID = nil
            try await fixture.runtime.publisher.publish(message, to: ExchangeName.jobs, key: "job.tag")
            try await fixture.runtime.consuming.inspect("hdm.q.tag") { try await $0.next()?.reject() }
            try await fixture.untilIndexed(1)
            let item = try #require(try await fixture.list().first)
            #expect(item["reason"] == "rejected")
            #expect(item["stage"] == "tag")
            #expect(item["queue"] == "hdm.dlq.tag")
            #expect(item["job_id"] == "job-1")
            let id = try #require(item["id"]?.stringValue)
            #expect(try await fixture.requeue([id]).data["requeued"]?.texts == [id])
            #expect(try await fixture.jobs(in: "hdm.q.tag") == ["job-1"])
        }
    }

    @Test func `An unroutable message that is no job is listed as well`() async throws {
        try await RecoveryFixture.run { fixture in
            try await fixture.vhost.publish("not json", to: ExchangeName.jobs, key: "job.nowhere")
            let item = try #require(try await fixture.list().first)
            #expect(item["reason"] == "unroutable")
            #expect(item["queue"] == "hdm.dlq.invalid")
            #expect(item["job_id"] == nil)
            #expect(try await fixture.list().count == 1)
        }
    }

    @Test func `A lost index is filled again from the dead-letter queues`() async throws {
        try await withVhost { vhost in
            try await withTemporaryFolder { folder in
                try await RecoveryFixture(vhost, folder).serve { fixture in
                    for number in 0..<30 { try await fixture.deadLetter(number) }
                    try await fixture.untilIndexed(30)
                }
                try FileManager.default.removeItem(atPath: folder.path("state"))
                // With the index lost, and then with the index kept.
                for _ in 0..<2 {
                    try await RecoveryFixture(vhost, folder).serve { fixture in
                        let listed = try await fixture.list("page_size=100").count
                        let ready = try await fixture.depth("hdm.dlq.download")
                        #expect(listed == 30)
                        #expect(ready == 30)
                    }
                }
            }
        }
    }

    @Test func `A second copy of a dead letter is removed, and one with another body or generation stays`()
        async throws
    {
        try await RecoveryFixture.run { fixture in
            for number in [1, 2, 1, 1] { try await fixture.deadLetter(number) }
            let later = try fixture.message(1, headers: ["x-hdm-requeues": 1])
            try await fixture.runtime.publisher.publish(later, to: "", key: "hdm.dlq.download")
            var changed = try fixture.message(2)
            changed.body.append(UInt8(ascii: " "))
            try await fixture.runtime.publisher.publish(changed, to: "", key: "hdm.dlq.download")
            #expect(try await fixture.list().count == 3)
            try await eventually("two copies are removed") { try await fixture.depth("hdm.dlq.download") == 4 }
            #expect(try await fixture.jobs(in: "hdm.dlq.download") == ["job-1", "job-2", "job-1", "job-2"])
            #expect(try await fixture.list().texts("presence") == ["present", "present", "present"])
        }
    }

    @Test func `A message that another client holds is listed as held and returns`() async throws {
        try await RecoveryFixture.run { fixture in
            for number in 0..<3 { try await fixture.deadLetter(number) }
            try await fixture.untilIndexed(3)
            try await fixture.runtime.publishing.inspect("hdm.dlq.download") { inspection in
                _ = try await inspection.next()
                let items = try await fixture.list("order_dir=asc")
                #expect(items.texts("presence") == ["held", "present", "present"])
                let reply = try await fixture.post("/api/v1/dlq/purge", ["ids": ["m-0"]])
                #expect(reply.data["skipped"]?.elements.texts("reason") == ["held_elsewhere"])
            }
            #expect(try await fixture.list().texts("presence") == ["present", "present", "present"])
        }
    }

    @Test func `A broker that does not respond is reported as a dependency error`() async throws {
        try await RecoveryFixture.run { fixture in
            await fixture.runtime.consuming.close()
            for path in ["/api/v1/dlq", "/api/v1/dlq/stats"] {
                let reply = try await fixture.send("GET", path, nil)
                #expect(reply.status == 503)
                #expect(reply.code == "DEPENDENCY_ERROR")
            }
        }
    }

    @Test func `The depth of the dead-letter queues is measured`() async throws {
        try await RecoveryFixture.run { fixture in
            for number in 0..<2 { try await fixture.deadLetter(number) }
            let registry = PrometheusRegistry()
            let index = try await DeadLetterIndex.open(
                at: fixture.folder.file("other.db"), logger: fixture.runtime.logger)
            let service = DepthService(
                operations: DeadLetterOperations(fixture.runtime, index: index, holdLimit: 10), metrics: registry)
            // The reconciliation at the start holds the messages for a moment.
            try await eventually("both are counted") {
                await service.measure()
                return registry.render().contains(#"hdm_dlq_depth{queue="hdm.dlq.download"} 2.0"#)
            }
            #expect(registry.render().contains(#"hdm_dlq_depth{queue="hdm.dlq.tag"} 0.0"#))
        }
    }
}
