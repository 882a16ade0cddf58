import AMQP
import Contracts
import Foundation
import Logging
import ServiceKit
import ServiceLifecycle
import Synchronization
import TestSupport

@testable import JobLedger
@testable import PlannerService

/// Answers submissions on a real broker from a real ledger, as the gateway does. It can lose responses.
struct LedgerGateway: Service {
    let runtime: ServiceRuntime
    let intake: LedgerIntake
    /// How many of the next responses are lost.
    let lostResponses = Counter()

    final class Counter: Sendable {
        private let value = Mutex(0)

        func set(_ number: Int) { value.withLock { $0 = number } }

        /// - Returns: whether the counter was positive.
        func decrease() -> Bool {
            value.withLock { number in
                guard number > 0 else { return false }
                number -= 1
                return true
            }
        }
    }

    func run() async throws {
        let subscription = try await runtime.consuming.subscribe(to: QueueName.intake, prefetch: 8)
        await withGracefulShutdownHandler {
            for await delivery in subscription { await answer(delivery) }
        } onGracefulShutdown: {
            Task { await subscription.cancel() }
        }
    }

    private func answer(_ delivery: Delivery) async {
        let properties = delivery.message.properties
        guard let key = properties.headers[MessageHeader.idempotencyKey]?.stringValue, let replyTo = properties.replyTo,
            case .accepted(let response)? = try? await intake.submit(
                delivery.message.body, key: key, traceparent: nil)
        else { return delivery.reject() }
        if !lostResponses.decrease(), let body = try? ContractCoding.encode(response) {
            let message = runtime.publisher.messages.message(
                body, type: MessageType.submissionAnswer, correlationID: properties.correlationID)
            try? await runtime.publisher.publish(message, to: "", key: replyTo)
        }
        delivery.ack()
    }
}

/// A planner's connection to a real broker, with a ledger that answers.
struct BrokerFixture: Sendable {
    let vhost: TestVhost
    let planner: PlannerFixture
    let gateway: LedgerGateway
    let client: IntakeClient

    /// - Parameter hasGateway: whether a gateway consumes the submissions from the beginning.
    static func run(hasGateway: Bool = true, _ test: (BrokerFixture) async throws -> Void) async throws {
        try await withVhost { vhost in
            try await PlannerFixture.run { planner in
                let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
                let settings = Settings(environment: ["HDM_AMQP_URL": vhost.url, "DOWNLOADS_DIR": planner.folder.path])
                let runtime = try ServiceRuntime(.planner, settings, logger: logger)
                let other = try ServiceRuntime(.gateway, settings, logger: logger)
                try await other.consuming.declare(Topology(.classic).declarations)
                let router = ReplyRouter()
                let fixture = BrokerFixture(
                    vhost: vhost, planner: planner, gateway: LedgerGateway(runtime: other, intake: planner.intake),
                    client: IntakeClient(
                        runtime: runtime, router: router, responseTimeout: .seconds(2),
                        retryInterval: .milliseconds(50)))
                let replies = ReplyQueue(runtime: runtime, router: router)
                let group = ServiceGroup(
                    services: hasGateway ? [fixture.gateway, replies] : [replies], logger: logger)
                try await withThrowingTaskGroup { tasks in
                    tasks.addTask { try await group.run() }
                    let result = await Result { try await test(fixture) }
                    await group.triggerGracefulShutdown()
                    try await tasks.waitForAll()
                    try result.get()
                }
                for runtime in [runtime, other] {
                    await runtime.consuming.close()
                    await runtime.publishing.close()
                }
            }
        }
    }

    /// The task that expands links through the broker.
    func expander(_ catalogue: ShelfCatalogue, on store: PlannerStore, _ client: IntakeClient) -> ExpansionTask {
        let context = planner.context(catalogue, on: store)
        return ExpansionTask(
            context: TaskContext(
                store: store, catalogues: context.catalogues, submissions: client, limits: context.limits,
                worker: context.worker, logger: context.logger), changed: WakeSignal())
    }
}
