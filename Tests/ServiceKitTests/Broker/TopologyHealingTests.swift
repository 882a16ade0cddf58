import AMQP
import Contracts
import Foundation
import Logging
import TestSupport
import Testing

@testable import ServiceKit

/// Objects of the broker that somebody deletes while a service runs.
@Suite(.enabled(if: TestBroker.isExpected, "\(TestBroker.setupHint)"))
struct TopologyHealingTests {
    @Test func `A service declares again what is deleted, consumes on, and says it`() async throws {
        let handler = ScriptedHandler { job, _ in .completed(job) }
        try await WorkerFixture.run(handler) { fixture in
            let (vhost, management) = (fixture.vhost, fixture.vhost.management)
            try await eventually("the worker consumes") { try await fixture.consumers("hdm.q.match") == 1 }
            let queues = ["hdm.q.match", "hdm.q.download", "hdm.dlq.match", QueueName.gatewayEvents]
            for queue in queues { try await management.request("DELETE", ["queues", vhost.name, queue]) }
            try await management.request("DELETE", ["exchanges", vhost.name, ExchangeName.retry])
            let binding = ["bindings", vhost.name, "e", ExchangeName.jobs, "q", QueueName.review, "*.review"]
            try await management.requestIfPresent("DELETE", binding)
            for queue in queues {
                try await eventually("\(queue) exists", timeout: .seconds(30)) {
                    try await management.requestIfPresent("GET", ["queues", vhost.name, queue]) != nil
                }
            }
            try await eventually("the exchange exists", timeout: .seconds(30)) {
                try await management.requestIfPresent("GET", ["exchanges", vhost.name, ExchangeName.retry]) != nil
            }
            try await eventually("the binding exists", timeout: .seconds(30)) {
                try await management.requestIfPresent("GET", binding) != nil
            }
            try await eventually("/ready names the exchange", timeout: .seconds(30)) {
                let check = fixture.runtime.readiness.report().checks["topology"]
                return check?.ok == true && check?.reason?.contains("exchange hdm.retry") == true
            }
            try await fixture.publish(.sample())
            try await eventually("the job is done") { try await fixture.ready("hdm.q.download") == 1 }
        }
    }

    @Test func `Events whose queue was deleted under 50 running jobs are there once each`() async throws {
        let door = Door()
        let handler = ScriptedHandler { job, _ in
            try await door.pass()
            return .completed(job)
        }
        let jobs = (0..<50).map { JobDocument.sample("T\($0)") }
        let ids = jobs.map(\.jobID.text).sorted()
        try await WorkerFixture.run(handler, environment: ["HDM_CONCURRENCY_MATCH": "50"]) { fixture in
            for job in jobs { try await fixture.publish(job) }
            try await eventually("all jobs run") { handler.running == 50 }
            try await fixture.vhost.management.request(
                "DELETE", ["queues", fixture.vhost.name, QueueName.gatewayEvents])
            door.open()
            try await eventually("all jobs are done") { try await fixture.ready("hdm.q.download") == 50 }
            try await eventually("the worker declared the queue again") {
                try await fixture.observer.status(of: [QueueName.gatewayEvents]).count == 1
            }
            try await eventually("/ready names the queue") {
                let check = fixture.runtime.readiness.report().checks["topology"]
                return check?.reason?.contains(QueueName.gatewayEvents) == true
            }
        } check: { leftovers in
            #expect(leftovers.events.filter { $0.name == .completed }.map(\.jobID.text).sorted() == ids)
            let next = try leftovers.deliveries["hdm.q.download"]?.map {
                try ContractCoding.decode(JobDocument.self, from: $0.message.body).jobID.text
            }
            #expect(next?.sorted() == ids)
        }
        #expect(handler.calls.count == 50)
    }

    @Test func `A service that starts during an upgrade declares nothing until it ends`() async throws {
        let handler = ScriptedHandler { job, _ in .completed(job) }
        try await withTemporaryFolder { folder in
            let markers = PauseMarkers(downloads: folder.url)
            try markers.pause(.all, for: PauseMarkers.upgrade, by: "hdm topology upgrade")
            let prepare: (WorkerFixture) async throws -> Void = { fixture in
                try await fixture.observer.deleteQueue("hdm.dlq.tag")
                await fixture.observer.suspendHealing()
            }
            try await WorkerFixture.run(
                handler, environment: ["DOWNLOADS_DIR": folder.path], prepare: prepare
            ) { fixture in
                try await eventually("/ready says why") {
                    let check = fixture.runtime.readiness.report().checks["topology"]
                    return check?.ok == false && check?.reason?.contains("hdm topology upgrade") == true
                }
                #expect(try await fixture.observer.status(of: ["hdm.dlq.tag"]).isEmpty)
                #expect(try markers.resume(.all, for: PauseMarkers.upgrade))
                try await eventually("the service is ready", timeout: .seconds(20)) { fixture.runtime.mayConsume }
                #expect(try await fixture.observer.status(of: ["hdm.dlq.tag"]).count == 1)
            }
        }
    }

    @Test func `An upgrade refuses while a client consumes, and names the queue`() async throws {
        try await withVhost { vhost in
            let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            let connection = AMQPConnection(
                ConnectionConfiguration(addresses: try BrokerAddress.list(vhost.url), name: "older"), logger: logger)
            try await connection.declare(Topology().declarations)
            let upgrade = TopologyUpgrade(
                connection, Topology(), user: "guest",
                overview: { .init(held: [:], consumers: ["hdm.q.tag": ["tag-host-1 consume"]]) }, report: { _ in })
            try await upgrade.waitForStandstill(.zero)
            let subscription = try await connection.subscribe(to: "hdm.q.tag", prefetch: 1)
            let failure = await #expect(throws: UpgradeFailure.self) {
                try await upgrade.waitForStandstill(.zero)
            }
            #expect(failure?.description.contains("hdm.q.tag: 1 consumers (tag-host-1 consume)") == true)
            await subscription.cancel()
            await connection.close()
        }
    }
}
