import AMQP
import Contracts
import Foundation
import TestSupport
import Testing

@testable import ServiceKit

/// Work that is longer than a delivery may be held.
@Suite(.enabled(if: TestBroker.isExpected, "\(TestBroker.setupHint)"))
struct WorkerHoldLimitTests {
    private static let limit = ["HDM_BROKER_ACK_LIMIT_S": "5"]

    @Test func `Work beyond the hold limit continues, and a later delivery settles its outcome once`() async throws {
        let end = Door()
        let handler = ScriptedHandler { job, context in
            for step in 0..<1000 where !end.isOpen {
                context.progress(done: Int64(step), total: nil)
                try await Task.sleep(for: .milliseconds(100))
            }
            return .completed(job, data: ["score": 1])
        }
        try await WorkerFixture.run(handler, environment: Self.limit) { fixture in
            try await fixture.observer.declare([
                .queue("tap"), .binding(queue: "tap", exchange: ExchangeName.retry, routingKey: "#"),
            ])
            try await fixture.publish(.sample())
            try await eventually("it was given back, and again while it runs", timeout: .seconds(40)) {
                try await fixture.ready("tap") >= 2
            }
            #expect(handler.running == 1)
            end.open()
            try await eventually("it is settled", timeout: .seconds(40)) {
                try await fixture.ready("hdm.q.download") == 1
            }
            let givenBack = try await fixture.take("tap")
            #expect(givenBack.allSatisfy { $0.headers[MessageHeader.attempt] == 1 })
            #expect(givenBack.allSatisfy { $0.headers[MessageHeader.run] == 0 })
            #expect(
                givenBack.map { $0.headers[MessageHeader.hop] } == (1...givenBack.count).map { .integer(Int64($0)) })
        } check: { left in
            #expect(handler.calls.map(\.attempt) == [1])
            #expect(left.counts == ["hdm.q.download": 1, QueueName.gatewayEvents: 1])
            #expect(left.events.map(\.name) == [.started, .completed])
            #expect(left["hdm.q.download"].first?.headers[MessageHeader.run] == nil)
        }
    }

    @Test func `A job that a handler hands back returns with the same attempt and without an event`() async throws {
        let calls = Shared(0)
        let handler = ScriptedHandler(.download) { job, context in
            calls.change { $0 += 1 }
            var job = job
            guard calls.value < 3 else { return .completed(job) }
            job.transfer = TransferSection(round: calls.value)
            return .handBack(job)
        }
        // The only slot is free again after each run.
        try await WorkerFixture.run(handler, environment: ["HDM_CONCURRENCY_DOWNLOAD": "1"]) { fixture in
            try await fixture.publish(.sample())
            try await eventually("it is done", timeout: .seconds(60)) { try await fixture.ready("hdm.q.tag") == 1 }
        } check: { left in
            #expect(handler.calls.map(\.attempt) == [1, 1, 1])
            #expect(handler.calls.map(\.job.transfer?.round) == [nil, 1, 2])
            #expect(left.counts == ["hdm.q.tag": 1, QueueName.gatewayEvents: 1])
            #expect(left["hdm.q.tag"].first?.headers[MessageHeader.hop] == 3)
        }
    }

    @Test func `A handler learns when its delivery must be given back, before the limit`() async throws {
        let ends = Shared<ContinuousClock.Instant?>(nil)
        let began = ContinuousClock.now
        let handler = ScriptedHandler { job, context in
            ends.change { $0 = context.holdEnds }
            return .completed(job)
        }
        try await WorkerFixture.run(handler, environment: ["HDM_BROKER_ACK_LIMIT_S": "100"]) { fixture in
            try await fixture.publish(.sample())
            try await fixture.waitForEvents(1)
        }
        let end = try #require(ends.value)
        #expect(end > began + .seconds(70) && end < ContinuousClock.now + .seconds(100))
    }
}
