import AMQP
import Contracts
import Foundation
import ServiceKit
import TestSupport
import Testing

/// Slow handlers and lost connections.
@Suite(.enabled(if: TestBroker.isExpected, "\(TestBroker.setupHint)"))
struct WorkerTimeTests {
    @Test func `A handler without progress is cancelled and retried, and progress renews its timeout`() async throws {
        let handler = ScriptedHandler { job, context in
            let never = Door()
            guard job.track.title == "busy" else {
                try await never.pass()
                return .completed(job)
            }
            for step in 0..<30 {
                context.progress(done: Int64(step), total: 30)
                try await Task.sleep(for: .milliseconds(250))
            }
            return .completed(job)
        }
        try await WorkerFixture.run(handler, environment: ["HDM_VISIBILITY_TIMEOUT_MATCH_S": "5"]) { fixture in
            for title in ["idle", "busy"] { try await fixture.publish(.sample(title)) }
            try await fixture.waitForEvents(4, timeout: .seconds(40))
            try await eventually("there was progress") { try await fixture.ready(QueueName.progressEvents) >= 3 }
        } check: { left in
            #expect(left.counts == ["hdm.q.download": 1, "hdm.retry.1h": 1, QueueName.gatewayEvents: 2])
            #expect(left["hdm.q.download"].first?.job?.track.title == "busy")
            #expect(left["hdm.retry.1h"].first?.headers[MessageHeader.attempt] == 2)
            #expect(left.events(of: "idle") == [.started, .retry])
            let retry = try #require(left.events.first { $0.name == .retry })
            #expect(retry.code == .timeout)
            #expect(retry.message == "no progress for 5 s")
            let progress = try left[QueueName.progressEvents].map {
                try ContractCoding.decode(ProgressEvent.self, from: $0.message.body)
            }
            // At most one a second.
            #expect((3...10).contains(progress.count))
            #expect(progress.map(\.done) == progress.map(\.done).sorted())
            #expect(progress.allSatisfy { $0.total == 30 && $0.stage == .match })
        }
    }

    @Test func `An outcome that a handler returns after its timeout counts`() async throws {
        let handler = ScriptedHandler { job, _ in
            do {
                try await Door().pass()
            } catch {}
            return .completed(job)
        }
        try await WorkerFixture.run(handler, environment: ["HDM_VISIBILITY_TIMEOUT_MATCH_S": "5"]) { fixture in
            try await fixture.publish(.sample())
            try await fixture.waitForEvents(2)
        } check: { left in
            #expect(left.counts == ["hdm.q.download": 1, QueueName.gatewayEvents: 1])
            #expect(left.events.map(\.name) == [.started, .completed])
        }
    }

    @Test func `A lost connection stops the handler, and only the repeated delivery is settled`() async throws {
        let door = Door()
        let handler = ScriptedHandler { job, _ in
            try await door.pass()
            return .completed(job)
        }
        let job = JobDocument.sample()
        try await WorkerFixture.run(handler) { fixture in
            try await fixture.publish(job)
            try await eventually("the handler runs") { handler.running == 1 }
            try await eventually("the broker lists all connections") {
                let connections = try await fixture.vhost.management.request(
                    "GET", ["vhosts", fixture.vhost.name, "connections"])
                guard case .array(let all) = connections else { return false }
                return all.count == 3
            }
            #expect(try await fixture.vhost.closeConnections() == 3)
            try await eventually("the job is back", timeout: .seconds(60)) { handler.calls.count == 2 }
            door.open()
            try await eventually("the job has its end", timeout: .seconds(60)) {
                try await fixture.ready("hdm.q.download") == 1
            }
        } check: { left in
            #expect(handler.calls.map(\.job) == [job, job])
            #expect(handler.calls.map(\.attempt) == [1, 1])
            #expect(handler.mostRunning == 1)
            #expect(left["hdm.q.download"].map { $0.headers[MessageHeader.hop] } == [1])
            #expect(left.events.filter { $0.name != .started }.map(\.name) == [.completed])
        }
    }

    @Test func `No more jobs run at the same time than allowed, and all complete`() async throws {
        let door = Door()
        let handler = ScriptedHandler { job, _ in
            try await door.pass()
            return .completed(job)
        }
        try await WorkerFixture.run(handler, environment: ["HDM_CONCURRENCY_MATCH": "3"]) { fixture in
            for number in 0..<12 { try await fixture.publish(.sample("\(number)")) }
            try await eventually("three run") { handler.running == 3 }
            #expect(try await fixture.ready("hdm.q.match") == 9)
            door.open()
            try await fixture.waitForEvents(12)
        } check: { left in
            #expect(handler.mostRunning == 3)
            #expect(Set(handler.titles).count == 12)
            #expect(left.counts == ["hdm.q.download": 12, QueueName.gatewayEvents: 12])
        }
    }
}
