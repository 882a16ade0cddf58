import AMQP
import Contracts
import Foundation
import Logging
import ServiceLifecycle
import TestSupport
import Testing

@testable import ServiceKit

@Suite(.timeLimit(.minutes(1)))
struct StatusTests {
    private let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    private func runtime(_ url: String, _ folder: TemporaryFolder) throws -> ServiceRuntime {
        let environment = ["HDM_AMQP_URL": url, "DOWNLOADS_DIR": folder.path, "MATCH_CONCURRENCY": "3"]
        return try ServiceRuntime(.match, Settings(environment: environment), logger: logger)
    }

    @Test func `A registry adds the counts of the consumers of each queue`() async {
        let registry = StatusRegistry()
        let (first, second) = (registry.counter(of: "q"), registry.counter(of: "q"))
        registry.register("other") { DeliveryCounts(running: 1, held: 5) }
        first.received()
        second.received()
        second.received()
        second.settled()
        await first.run {
            #expect(registry.counts == ["q": .init(running: 1, held: 2), "other": .init(running: 1, held: 5)])
        }
        #expect(registry.counts["q"] == .init(running: 0, held: 2))
    }

    @Test(.enabled(if: TestBroker.isExpected, "\(TestBroker.setupHint)"))
    func `A service publishes its status, transient and valid by the contract`() async throws {
        try await withVhost { vhost in
            try await withTemporaryFolder { folder in
                let runtime = try runtime(vhost.url, folder)
                try await runtime.waitForBroker()
                try await runtime.consuming.declare(Topology(.classic).declarations)
                runtime.readiness.add("disk") { .failing("gone; mount it") }
                await runtime.readiness.refresh()
                let counter = runtime.status.counter(of: "hdm.q.match")
                counter.received()
                let beats = Task { try await StatusService(runtime, every: .milliseconds(50)).run() }
                let subscription = try await runtime.consuming.subscribe(to: "hdm.events.system", prefetch: 1)
                let deliveries = subscription.makeAsyncIterator()
                let delivery = try #require(await deliveries.next())
                let status = try ContractCoding.decode(SystemStatus.self, from: delivery.message.body)
                #expect(status.service == .match)
                #expect(status.instance == runtime.instance)
                #expect(!status.ready)
                #expect(status.checks.first { $0.name == "disk" } == .init("disk", ok: false, reason: "gone; mount it"))
                #expect((status.stage, status.running) == (.match, 0))
                #expect(status.held == ["hdm.q.match": 1])
                #expect(delivery.message.properties.isPersistent == false)
                #expect(delivery.routingKey == "system.match.status")
                delivery.ack()
                beats.cancel()
                try await beats.value
                await runtime.close()
            }
        }
    }

    @Test func `Without a broker no status is published and none waits`() async throws {
        try await withTemporaryFolder { folder in
            let runtime = try runtime("amqp://127.0.0.1:1/", folder)
            let beats = Task { try await StatusService(runtime, every: .milliseconds(1)).run() }
            try await eventually("the connection fails") {
                if case .down = runtime.publishing.status { true } else { false }
            }
            beats.cancel()
            try await beats.value
            await runtime.close()
        }
    }
}
