import AMQP
import Contracts
import Foundation
import Logging
import ServiceLifecycle
import TestSupport
import Testing

@testable import ServiceKit

/// Deliveries whose handler takes longer than they may be held.
@Suite(.enabled(if: TestBroker.isExpected, "\(TestBroker.setupHint)"))
struct DeliveryRetryTests {
    @Test(arguments: [false, true])
    func `A delivery returns to its queue at the hold limit while its handler still runs`(
        _ inBatches: Bool
    )
        async throws
    {
        let (door, handled) = (Door(), Shared<[Bool]>([]))
        let handle: @Sendable (Delivery) async throws -> Void = { delivery in
            handled.change { $0.append(delivery.redelivered) }
            // As a call that waits for a locked database and cannot be interrupted.
            guard handled.value.count == 1 else { return }
            try await Task { try await door.pass() }.value
        }
        try await withRuntime { runtime in
            let queue = GatedQueue(runtime: runtime, name: QueueName.review, prefetch: 10)
            let consuming = Task {
                if inBatches {
                    try await queue.runBatches(upTo: 10) { for delivery in $0 { try await handle(delivery) } }
                } else {
                    try await queue.runEach(handle)
                }
            }
            try await runtime.publishing.publish(Message(body: Data("1".utf8)), to: "", key: QueueName.review)
            try await eventually("the handler runs") { handled.value == [false] }
            // The subscription is paused while the first handler runs, but perhaps not before the message is back.
            try await eventually("the message is back") {
                let ready = try await runtime.publishing.status(of: QueueName.review).ready
                return ready == 1 || handled.value == [false, true]
            }
            #expect(!door.isOpen)
            try await eventually("the check says it") {
                runtime.readiness.report().checks[QueueName.review]?.ok == false
            }
            door.open()
            try await eventually("the service is ready") { runtime.readiness.isReady }
            try await eventually("it was handled again") { handled.value == [false, true] }
            return consuming
        }
    }

    /// Runs a test with a service that has all queues. The task that it returns ends with the shutdown.
    private func withRuntime(
        _ test: @escaping @Sendable (ServiceRuntime) async throws -> Task<Void, any Error>
    ) async throws {
        try await withVhost { vhost in
            try await withTemporaryFolder { folder in
                let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
                let variables = [
                    "HDM_AMQP_URL": vhost.url, "DOWNLOADS_DIR": folder.path, "HDM_BROKER_ACK_LIMIT_S": "5",
                ]
                let runtime = try ServiceRuntime(.gateway, Settings(environment: variables), logger: logger)
                let group = ServiceGroup(services: [RuntimeService(runtime)], logger: logger)
                try await runtime.publishing.declare(Topology(runtime.settings.queueType).declarations)
                try await withThrowingTaskGroup { tasks in
                    tasks.addTask { try await group.run() }
                    let result = await Result { try await test(runtime) }
                    await group.triggerGracefulShutdown()
                    try await tasks.waitForAll()
                    try await result.get().value
                }
            }
        }
    }
}
