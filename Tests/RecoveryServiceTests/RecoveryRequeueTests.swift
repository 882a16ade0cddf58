import AMQP
import Contracts
import Foundation
import ServiceKit
import TestSupport
import Testing

@Suite(.enabled(if: TestBroker.isExpected, "\(TestBroker.setupHint)"))
struct RecoveryRequeueTests {
    @Test func `A requeued job restarts at the stage where it ended, and the other dead letters keep their order`()
        async throws
    {
        try await RecoveryFixture.run { fixture in
            let trace: FieldValue = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
            let headers: FieldTable = ["x-own": "kept", "traceparent": trace, "x-hdm-not-before": "2999"]
            for number in 0..<4 { try await fixture.deadLetter(number, headers: headers) }
            let reply = try await fixture.requeue(["m-2"])
            #expect(reply.status == 200)
            #expect(reply.data == ["requeued": ["m-2"], "skipped": [], "dry_run": false])
            #expect(try await fixture.jobs(in: "hdm.dlq.download") == ["job-0", "job-1", "job-3"])
            let delivery = try await fixture.runtime.consuming.inspect("hdm.q.download") { try await $0.next() }
            let found = try #require(delivery)
            #expect(found.routingKey == "requeue.download")
            #expect(found.message.body == (try fixture.message(2)).body)
            let properties = found.message.properties
            #expect(properties.messageID == "m-2")
            #expect(properties.type == MessageType.job)
            #expect(properties.priority == 6)
            #expect(
                properties.headers == [
                    "x-own": "kept", "traceparent": trace, "x-hdm-attempt": 1, "x-hdm-hop": 5,
                    "x-hdm-requeues": 1,
                ])
            #expect(try await fixture.events() == ["job.download.requeued"])
            #expect(try await fixture.list().count == 3)
            let again = try await fixture.requeue(["m-2"])
            #expect(again.data["skipped"]?.elements.texts("reason") == ["already_queued"])
            #expect(try await fixture.depth("hdm.q.download") == 1)
        }
    }

    @Test func `One request requeues dead letters of several stages`() async throws {
        try await RecoveryFixture.run { fixture in
            for number in 0..<20 { try await fixture.deadLetter(number, at: Stage.allCases[number % 4]) }
            let ids = (0..<16).map { "m-\($0)" }
            let reply = try await fixture.requeue(ids + ids)
            #expect(Set(reply.data["requeued"]?.texts ?? []) == Set(ids))
            #expect(reply.data["requeued"]?.texts.count == 16)
            for stage in Stage.allCases {
                #expect(try await fixture.depth(QueueName.work(stage)) == 4)
                #expect(try await fixture.depth(QueueName.deadLetters(stage)) == 1)
            }
        }
    }

    @Test func `A dry run reports what would be done and changes nothing`() async throws {
        try await RecoveryFixture.run { fixture in
            for number in 0..<3 { try await fixture.deadLetter(number) }
            let reply = try await fixture.requeue(["m-0", "m-1"], dryRun: true)
            #expect(reply.data == ["requeued": ["m-0", "m-1"], "skipped": [], "dry_run": true])
            let purge = try await fixture.post(
                "/api/v1/dlq/purge", ["older_than": "2999-01-01T00:00:00Z", "dry_run": true])
            #expect(purge.data["purged"] == 3)
            #expect(try await fixture.jobs(in: "hdm.dlq.download") == ["job-0", "job-1", "job-2"])
            #expect(try await fixture.depth("hdm.q.download") == 0)
            #expect(try await fixture.events().isEmpty)
            #expect(try await fixture.list().count == 3)
        }
    }

    @Test func `An unknown id fails the whole request before anything is changed`() async throws {
        try await RecoveryFixture.run { fixture in
            try await fixture.deadLetter(1)
            for path in ["requeue", "purge"] {
                let reply = try await fixture.post("/api/v1/dlq/\(path)", ["ids": ["m-1", "m-unknown"]])
                #expect(reply.status == 404)
                #expect(reply.code == "NOT_FOUND")
                #expect(reply.body["error"]?["meta"]?["ids"] == ["m-unknown"])
            }
            #expect(try await fixture.jobs(in: "hdm.dlq.download") == ["job-1"])
        }
    }

    @Test func `An invalid request is refused`() async throws {
        try await RecoveryFixture.run(["DLQ_REQUEUE_LIMIT": "2"]) { fixture in
            let bodies: [(String, JSONValue)] = [
                ("requeue", [:]), ("requeue", ["ids": []]), ("requeue", ["ids": ["a", "b", "c"]]),
                ("requeue", ["ids": [""]]), ("requeue", ["ids": [1]]), ("requeue", ["ids": ["a"], "dry_run": "yes"]),
                ("purge", [:]), ("purge", ["ids": ["a"], "older_than": "7d"]), ("purge", ["older_than": "soon"]),
                ("purge", ["ids": ["a"], "reason": "timeout"]), ("purge", .null),
            ]
            for (path, body) in bodies {
                let reply = try await fixture.post("/api/v1/dlq/\(path)", body)
                #expect(reply.status == 400, "\(path) \(body)")
                #expect(reply.code == "VALIDATION_ERROR")
            }
        }
    }

    @Test func `An invalid document stays in its queue, and one that is valid restarts at the first stage`()
        async throws
    {
        try await RecoveryFixture.run { fixture in
            let publisher = fixture.runtime.publisher
            var broken = try fixture.message(1)
            broken.body = Data("{".utf8)
            for (message, number) in [(broken, 1), (try fixture.message(2), 2)] {
                var message = message
                message.properties.messageID = "m-\(number)"
                try await publisher.publish(
                    DeadLetter(
                        message, kind: .invalid, place: "tag", error: JobError(.invalidPayload, "is missing"),
                        envelope: JobEnvelope(), worker: "w"))
            }
            try await fixture.untilIndexed(2)
            #expect(try await fixture.list("stage=tag").texts("queue") == ["hdm.dlq.invalid", "hdm.dlq.invalid"])
            let reply = try await fixture.requeue(["m-1", "m-2"])
            #expect(reply.data["requeued"]?.texts == ["m-2"])
            #expect(reply.data["skipped"] == [["id": "m-1", "reason": "invalid_document"]])
            #expect(try await fixture.jobs(in: "hdm.q.match") == ["job-2"])
            #expect(try await fixture.depth("hdm.dlq.invalid") == 1)
        }
    }

    @Test func `A job that ends as a dead letter again is listed with its requeues`() async throws {
        try await RecoveryFixture.run { fixture in
            try await fixture.deadLetter(1)
            _ = try await fixture.requeue(["m-1"])
            try await fixture.runtime.consuming.inspect("hdm.q.download") { inspection in
                let delivery = try #require(try await inspection.next())
                let deadLetter = DeadLetter(
                    delivery.message, kind: .dead, place: "download", error: JobError(.timeout, "slow"),
                    envelope: JobEnvelope(delivery), worker: "w")
                try await fixture.runtime.publisher.publish(deadLetter)
                delivery.ack()
            }
            try await fixture.untilIndexed(1)
            let item = try #require(try await fixture.list().first)
            #expect(item["reason"] == "timeout")
            #expect(item["requeues"] == 1)
            #expect(try await fixture.requeue(["m-1"]).data["requeued"]?.texts == ["m-1"])
        }
    }

    @Test func `A message that a crash left in its queue is stale: it is removed and not requeued again`()
        async throws
    {
        try await RecoveryFixture.run { fixture in
            try await fixture.deadLetter(1)
            _ = try await fixture.requeue(["m-1"])
            // As if the ack had not reached the broker: the same dead letter is still in its queue.
            try await fixture.runtime.publisher.publish(
                try fixture.message(1, headers: ["x-hdm-dead-at": "2020-01-01T00:00:00.000Z"]), to: "",
                key: "hdm.dlq.download")
            #expect(try await fixture.list().isEmpty)
            #expect(try await fixture.send("GET", "/api/v1/dlq/stats", nil).data["stale"] == 1)
            let reply = try await fixture.requeue(["m-1"])
            #expect(reply.data["skipped"]?.elements.texts("reason") == ["already_queued"])
            #expect(try await fixture.jobs(in: "hdm.q.download") == ["job-1"])
            try await fixture.deadLetter(2)
            try await fixture.untilIndexed(1)
            _ = try await fixture.requeue(["m-2"])
            try await eventually("the stale message is removed") { try await fixture.depth("hdm.dlq.download") == 0 }
            #expect(try await fixture.jobs(in: "hdm.q.download") == ["job-1", "job-2"])
        }
    }

    @Test func `A dead letter that is in its queue twice is requeued once`() async throws {
        try await RecoveryFixture.run { fixture in
            try await fixture.deadLetter(1)
            try await fixture.deadLetter(1)
            try await fixture.deadLetter(2)
            #expect(try await fixture.requeue(["m-1", "m-2"]).data["requeued"]?.texts == ["m-1", "m-2"])
            #expect(Set(try await fixture.jobs(in: "hdm.q.download")) == ["job-1", "job-2"])
            try await eventually("both jobs are in the work queue") { try await fixture.depth("hdm.q.download") == 2 }
            #expect(try await fixture.depth("hdm.dlq.download") == 0)
        }
    }

    @Test func `No job is lost when connections break during requeues`() async throws {
        try await RecoveryFixture.run { fixture in
            let numbers = Array(0..<300)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in numbers { group.addTask { try await fixture.deadLetter(number) } }
                try await group.waitForAll()
            }
            try await fixture.untilIndexed(300)
            async let breaking: Void = {
                for _ in 0..<3 {
                    try await eventually("there is a connection to close") {
                        try await fixture.vhost.closeConnections() > 0
                    }
                }
            }()
            for start in stride(from: 0, to: 300, by: 30) {
                let ids = numbers[start..<(start + 30)].map { "m-\($0)" }
                // Neither the response nor a timeout matters: no job may be lost.
                _ = try? await fixture.requeue(ids)
            }
            try await breaking
            // A requeue that was not confirmed is repeated, as an operator would. It gets the same generation.
            try await eventually("every job is requeued", timeout: .seconds(60)) {
                let left = try await fixture.list("page_size=100").texts("id")
                if !left.isEmpty { _ = try await fixture.requeue(left) }
                return left.isEmpty
            }
            // The client may just have noticed that the last connection was closed.
            let steps = try await eventually("the queues can be read") {
                try? await fixture.steps(in: "hdm.q.download") + fixture.steps(in: "hdm.dlq.download")
            }
            // A publish that is sent again after a reconnection is the same step. The parked original is stale.
            let latest = Dictionary(grouping: steps, by: \.job).mapValues { steps in
                Set(steps.filter { $0.generation == steps.map(\.generation).max() })
            }
            let expected = numbers.map { ("job-\($0)", Set([JobStepKey(job: "job-\($0)", generation: 1, hop: 5)])) }
            #expect(latest == Dictionary(uniqueKeysWithValues: expected))
            let stale = steps.filter { $0.generation != 1 }
            #expect(stale.allSatisfy { $0 == JobStepKey(job: $0.job, generation: 0, hop: 4) }, "\(stale)")
            #expect(try await Set(fixture.currentJobs(in: "hdm.q.download")).count == 300)
            #expect(try await fixture.currentJobs(in: "hdm.dlq.download") == [])
        }
    }

    @Test func `Three operators at the same time lose no job and repeat none`() async throws {
        try await RecoveryFixture.run { fixture in
            let numbers = Array(0..<200)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in numbers { group.addTask { try await fixture.deadLetter(number) } }
                try await group.waitForAll()
            }
            try await fixture.untilIndexed(200)
            async let moving: Void = fixture.vhost.moveMessages(from: "hdm.dlq.download", to: "hdm.q.download")
            async let listing: Void = {
                for _ in 0..<20 { _ = try await fixture.list("page_size=100") }
            }()
            async let requeueing: Void = {
                for start in stride(from: 0, to: 200, by: 20) {
                    let ids = numbers[start..<(start + 20)].map { "m-\($0)" }
                    let status = try await fixture.requeue(ids).status
                    #expect(status == 200)
                }
            }()
            _ = try await (moving, listing, requeueing)
            // A message that one operator held during the requests of the others is still in its queue.
            try await eventually("the other dead letters are requeued", timeout: .seconds(60)) {
                let present = try await fixture.list("page_size=100").filter { $0["presence"] == "present" }.texts("id")
                if !present.isEmpty { _ = try await fixture.requeue(present) }
                return try await fixture.depth("hdm.dlq.download") == 0
            }
            // A message that was moved while the API requeued it is stale; the stage drops it.
            let jobs = try await fixture.currentJobs(in: "hdm.q.download")
            #expect(jobs.sorted() == numbers.map { "job-\($0)" }.sorted())
        }
    }
}
