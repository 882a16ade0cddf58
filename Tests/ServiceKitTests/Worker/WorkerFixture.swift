import AMQP
import Contracts
import Foundation
import Logging
import ServiceLifecycle
import TestSupport

@testable import ServiceKit

/// A stage's worker, as its service runs it, on a virtual host of its own.
struct WorkerFixture: Sendable {
    let vhost: TestVhost
    let runtime: ServiceRuntime
    /// A second connection, to look and to publish with.
    let observer: AMQPConnection
    let worker: StageWorker
    private let group: ServiceGroup

    /// Runs a worker for a test and stops it in order.
    /// - Parameters:
    ///   - downloads: the downloads folder; one of its own by default.
    ///   - prepare: what happens before the worker starts.
    ///   - check: what holds when it has stopped; by then nothing is held by a consumer.
    static func run(
        _ handler: any StageHandler, environment: [String: String] = [:], ready: Switch = Switch(),
        downloads: URL? = nil, prepare: (WorkerFixture) async throws -> Void = { _ in },
        _ test: (WorkerFixture) async throws -> Void,
        check: (Leftovers) throws -> Void = { _ in }
    ) async throws {
        try await withTemporaryFolder { folder in
            var environment = environment
            environment["DOWNLOADS_DIR"] = environment["DOWNLOADS_DIR"] ?? (downloads ?? folder.url).path
            try await run(handler, environment, ready, prepare, test, check)
        }
    }

    private static func run(
        _ handler: any StageHandler, _ environment: [String: String], _ ready: Switch,
        _ prepare: (WorkerFixture) async throws -> Void, _ test: (WorkerFixture) async throws -> Void,
        _ check: (Leftovers) throws -> Void
    ) async throws {
        try await withVhost { vhost in
            let fixture = try WorkerFixture(vhost, handler, environment, ready)
            let result = await Result {
                try await fixture.observer.declare(Topology(fixture.runtime.settings.queueType).declarations)
                try await prepare(fixture)
                try await fixture.runGroup(test)
                try check(try await fixture.leftovers())
            }
            await fixture.runtime.close()
            await fixture.observer.close()
            try result.get()
        }
    }

    private init(
        _ vhost: TestVhost, _ handler: any StageHandler, _ environment: [String: String], _ ready: Switch
    ) throws {
        var variables = [
            "HDM_AMQP_URL": vhost.url, "RETRY_BASE_SECONDS": "3600", "RETRY_JITTER_PCT": "0",
            "RETRY_MAX_ATTEMPTS": "3", "HDM_SHUTDOWN_GRACE_S": "5",
        ]
        variables.merge(environment) { $1 }
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        self.vhost = vhost
        runtime = try ServiceRuntime(.match, Settings(environment: variables), logger: logger)
        runtime.readiness.add("switch", ready.check)
        observer = AMQPConnection(
            ConnectionConfiguration(addresses: try BrokerAddress.list(vhost.url), name: "observer"), logger: logger)
        worker = StageWorker(handler, runtime: runtime, gate: LoneGate())
        group = ServiceGroup(services: [RuntimeService(runtime), worker], logger: logger)
    }

    private func runGroup(_ test: (WorkerFixture) async throws -> Void) async throws {
        try await withThrowingTaskGroup { tasks in
            tasks.addTask { try await group.run() }
            let result = await Result { try await test(self) }
            await stop()
            try await tasks.waitForAll()
            try result.get()
        }
    }

    /// Tells the service to stop, as SIGTERM does; does not wait for it.
    func stop() async { await group.triggerGracefulShutdown() }

    var staging: StagingArea { StagingArea(downloads: runtime.settings.downloadsDir) }

    /// Publishes a job to its stage.
    func publish(_ job: JobDocument, _ envelope: JobEnvelope = JobEnvelope(), to stage: Stage? = nil) async throws {
        try await JobPublisher(observer, instance: "test").publish(job, to: stage ?? worker.stage, envelope)
    }

    /// Publishes any bytes as a job of its stage.
    func publish(_ body: Data, _ properties: MessageProperties = MessageProperties()) async throws {
        let key = RoutingKey.job(worker.stage, priority: 5)
        try await observer.publish(Message(body: body, properties: properties), to: ExchangeName.jobs, key: key)
    }

    /// Messages in a queue that no consumer holds.
    func ready(_ queue: String) async throws -> Int { try await observer.status(of: queue).ready }

    func consumers(_ queue: String) async throws -> Int { try await observer.status(of: queue).consumers }

    /// Waits until so many events were published.
    func waitForEvents(_ count: Int, timeout: Duration = .seconds(60)) async throws {
        try await eventually("there are \(count) events", timeout: timeout) {
            try await ready(QueueName.gatewayEvents) >= count
        }
    }

    /// Has the broker hand out a queue's first message to somebody who dies with it.
    func loseDelivery(of queue: String) async throws {
        _ = try await observer.inspect(queue) { try await $0.next() == nil }
    }

    /// Takes all that a queue has.
    func take(_ queue: String) async throws -> [Delivery] {
        try await observer.inspect(queue) { inspection in
            var deliveries: [Delivery] = []
            while let delivery = try await inspection.next() {
                deliveries.append(delivery)
                delivery.ack()
            }
            return deliveries
        }
    }

    /// All that is in the queues of the topology.
    private func leftovers() async throws -> Leftovers {
        var found: [String: [Delivery]] = [:]
        for queue in Topology(runtime.settings.queueType).queues where try await ready(queue.name) > 0 {
            found[queue.name] = try await take(queue.name)
        }
        return try Leftovers(found)
    }
}

/// What a stopped worker left in the broker.
struct Leftovers {
    let deliveries: [String: [Delivery]]
    /// By their sequence, which is what receivers go by: the start and the outcome are published side by side.
    let events: [JobEvent]

    init(_ deliveries: [String: [Delivery]]) throws {
        self.deliveries = deliveries
        events = try (deliveries[QueueName.gatewayEvents] ?? []).map {
            try ContractCoding.decode(JobEvent.self, from: $0.message.body)
        }.sorted { $0.sequence < $1.sequence }
    }

    /// How many messages each queue has that is not empty; what may be lost or depends on how long work takes is left
    /// out: progress, heartbeats, and the start of work, which is published after a second.
    var counts: [String: Int] {
        var counts = deliveries.mapValues(\.count)
        for queue in [QueueName.progressEvents, QueueName.systemEvents] { counts[queue] = nil }
        counts[QueueName.gatewayEvents]? -= events.count { $0.name == .started }
        return counts.filter { $0.value > 0 }
    }

    subscript(queue: String) -> [Delivery] { deliveries[queue] ?? [] }

    /// The events of one job, by their names.
    func events(of title: String) -> [JobEvent.Name?] { events.filter { $0.title == title }.map(\.name) }
}

extension Delivery {
    var headers: FieldTable { message.properties.headers }
    /// `nil` when it holds no job.
    var job: JobDocument? { try? ContractCoding.decode(JobDocument.self, from: message.body) }
}
