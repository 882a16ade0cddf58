import Contracts
import Foundation
import TestSupport
import Testing

/// The messages of the services match `contracts/asyncapi.yaml` and the schemas.
@Suite(.enabled(if: TestBroker.isExpected, "\(TestBroker.setupHint)"))
struct ContractMessageTests {
    @Test func `every job message fits the schemas of its document and its headers`() async throws {
        let run = try await ContractRun.shared.value
        let messages = run.published(on: ExchangeName.jobs) + run.published(on: ExchangeName.retry)
        for message in messages { expectProperties(of: message, MessageType.job, run) }
        try await expect(messages, fit: "schemas/job.schema.json")
        try await expectHeaders(of: messages, fit: "asyncapi.yaml#/components/schemas/jobHeaders")

        let stages = ["job.match", "job.download", "job.tag", "job.move", "requeue.tag"]
        #expect(Set(messages.map(\.routingKey)).isSuperset(of: stages))
        let waiting = run.published(on: ExchangeName.retry)
        #expect(!waiting.isEmpty && waiting.allSatisfy { $0.routingKey.hasPrefix("t") })
        #expect(messages.contains { "\($0.headers["traceparent"] ?? "")".contains(ContractScenario.traceID) })
    }

    @Test func `every dead letter fits the schemas of its document and its headers`() async throws {
        let run = try await ContractRun.shared.value
        let deadLetters = run.published(on: ExchangeName.deadLetters)
        let jobs = deadLetters.filter { $0.routingKey.hasPrefix("dead.") }
        try await expect(jobs, fit: "schemas/job.schema.json")
        try await expectHeaders(of: deadLetters, fit: "schemas/dead-letter-headers.schema.json")
        for message in jobs where message.isFromService { expectProperties(of: message, MessageType.job, run) }
        for message in deadLetters {
            #expect(message.properties["delivery_mode"] == 2 && message.properties["message_id"] != nil)
            #expect(message.routingKey.split(separator: ".").last.map(String.init) == message.header("dead-stage"))
        }

        let keys = deadLetters.map { "\($0.routingKey) \($0.header("dead-reason"))" }
        let expected = [
            "dead.match no_match", "dead.match expired", "dead.tag verification_failed",
            "invalid.intake invalid_payload", "invalid.tag invalid_payload", "invalid.download invalid_payload",
        ]
        #expect(Set(keys) == Set(expected))
        #expect(deadLetters.count == ContractScenario.deadLetters + ContractScenario.laterDeadLetters)
    }

    @Test func `every event of a job fits its schema and has its name as routing key`() async throws {
        let run = try await ContractRun.shared.value
        let events = run.published(on: ExchangeName.events).filter { $0.routingKey.hasPrefix("job.") }
        try await expect(events, fit: "schemas/event.schema.json")
        for event in events {
            // A handler does not wait until its beginning is published.
            expectProperties(of: event, MessageType.event, run, isPersistent: !event.routingKey.hasSuffix(".started"))
            #expect(event.json?["event"] == .string(event.routingKey))
        }
        let expected = [
            "job.match.completed", "job.match.dead_lettered", "job.match.purged",
            "job.download.completed", "job.download.retry", "job.tag.completed", "job.tag.dead_lettered",
            "job.tag.requeued", "job.move.completed", "job.move.duplicate",
        ]
        #expect(Set(events.map(\.routingKey)).isSuperset(of: expected))
        let ids = events.compactMap { $0.json?["event_id"]?.stringValue }
        #expect(Set(ids).count == ids.count)
    }

    @Test func `events carry what the gateway needs to restart a job`() async throws {
        let run = try await ContractRun.shared.value
        let events = run.published(on: ExchangeName.events).filter { $0.routingKey.hasPrefix("job.") }
        let jobs = run.published(on: ExchangeName.jobs).compactMap(\.json)
        // The gateway publishes this event, too, when a person approves a match.
        let matched = events.filter {
            $0.routingKey == "job.match.completed" && $0.properties["app_id"]?.stringValue?.hasPrefix("match") == true
        }.compactMap(\.json)
        #expect(!matched.isEmpty)
        for event in matched {
            let match = event["data"]?["sections"]?["match"]
            #expect(match != nil && event["data"]?["began"] != nil)
            #expect(jobs.contains { $0["job_id"] == event["job_id"] && $0["match"] == match })
        }
        let foreign = events.filter { !$0.routingKey.hasSuffix(".step") }.compactMap(\.json)
            .filter { $0["job_id"] == .string(ContractScenario.directJob) }
        let first = foreign.min { ($0["sequence"]?.integerValue ?? 0) < ($1["sequence"]?.integerValue ?? 0) }
        #expect(first?["data"]?["document"]?["job_id"] == .string(ContractScenario.directJob))
        #expect(first?["data"]?["document"]?["match"]?["candidates"]?.elements.count == 1)
        let waits = events.filter { $0.routingKey.hasSuffix(".retry") || $0.routingKey.hasSuffix(".waiting") }
        for wait in waits.compactMap(\.json) where wait["state"] == "waiting" {
            #expect(wait["data"]?["wait"]?["reason"]?.stringValue != nil, "\(wait)")
        }
    }

    @Test func `every event of an expansion fits its schema, and its steps increase`() async throws {
        let run = try await ContractRun.shared.value
        let events = run.published(on: ExchangeName.events).filter { $0.routingKey.hasPrefix("planner.") }
        try await expect(events, fit: "schemas/expansion.schema.json")
        for event in events {
            #expect(event.routingKey == ExpansionEvent.routingKey)
            expectProperties(of: event, MessageType.expansion, run, correlation: .expansionID)
        }
        let states = Set(events.compactMap { $0.json?["state"]?.stringValue })
        #expect(states.isSuperset(of: ["waiting", "cancelled"]))
        for (_, events) in Dictionary(grouping: events, by: { $0.json?["expansion_id"]?.stringValue }) {
            let steps = events.compactMap { $0.json?["step"]?.integerValue }
            #expect(zip(steps, steps.dropFirst()).allSatisfy { $0 <= $1 }, "\(steps)")
        }
    }

    @Test func `every link for the planner fits its schema and has the id of its expansion`() async throws {
        let run = try await ContractRun.shared.value
        let links = run.messages[QueueName.planner] ?? []
        try await expect(links, fit: "schemas/link.schema.json")
        for link in links {
            expectProperties(of: link, MessageType.link, run, correlation: nil)
            #expect(link.properties["message_id"] == link.json?["expansion_id"])
            #expect(link.exchange.isEmpty && link.routingKey == QueueName.planner)
        }
    }

    @Test func `every progress message fits its schema and is transient`() async throws {
        let run = try await ContractRun.shared.value
        let progress = run.published(on: ExchangeName.events).filter { $0.routingKey.hasPrefix("progress.") }
        try await expect(progress, fit: "schemas/progress.schema.json")
        for message in progress { expectProperties(of: message, MessageType.progress, run, isPersistent: false) }
        #expect(progress.contains { $0.routingKey == "progress.download" })
    }

    @Test func `every service publishes heartbeats, which fit their schema and are transient`() async throws {
        let run = try await ContractRun.shared.value
        let beats = run.published(on: ExchangeName.events).filter { $0.routingKey.hasPrefix("system.") }
        try await expect(beats, fit: "schemas/system.schema.json")
        for beat in beats {
            expectProperties(of: beat, MessageType.system, run, isPersistent: false, correlation: nil)
            #expect(beat.routingKey == "system.\(beat.json?["service"]?.stringValue ?? "").status")
        }
        let services = Set(beats.compactMap { $0.json?["service"]?.stringValue })
        #expect(services == Set(ServiceName.allCases.map(\.rawValue)))
    }

    @Test func `submissions over AMQP get a response in their reply queue with their correlation id`() async throws {
        let run = try await ContractRun.shared.value
        let responses = run.messages[ContractSpies.replies] ?? []
        func response(_ id: String) throws -> BrokerMessage {
            try #require(responses.first { $0.properties["correlation_id"] == .string(id) })
        }
        #expect(responses.count == 2)
        try await expect([response("c-1")], fit: "schemas/submission-answer.schema.json")
        try await expect([response("c-2")], fit: "schemas/error.schema.json")
        #expect(try response("c-2").json?["error"]?["meta"]?["field"] == "/items/0/artist")
        for message in responses {
            expectProperties(of: message, MessageType.submissionAnswer, run, correlation: nil)
        }
        let submissions = (run.messages[ExchangeName.intake] ?? []).prefix(1)
        try await expect(Array(submissions), fit: "schemas/submission.schema.json")
    }
}
