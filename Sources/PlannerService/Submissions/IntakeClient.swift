import AMQP
import Contracts
import Foundation
import Logging
import ServiceKit

/// Publishes submissions to `hdm.intake` and waits for the responses on the reply queue.
struct IntakeClient: SubmissionClient {
    let runtime: ServiceRuntime
    let router: ReplyRouter
    /// How long a response may take before the same bytes are published again.
    var responseTimeout: Duration = .seconds(60)
    /// The pause after a publish that failed.
    var retryInterval: Duration = .seconds(1)
    /// Runs after the broker has confirmed the submission. Tests throw here to simulate a crash.
    var didPublish: @Sendable () throws -> Void = {}

    func submit(_ body: Data, key: String, traceparent: String?) async throws -> SubmissionResult {
        while true {
            try Task.checkCancellation()
            try await runtime.waitForBroker()
            if let result = try await attempt(message(body, key, traceparent), key) { return result }
            runtime.logger.log(
                event: .workerFailed, level: .notice, "no response to a submission; it is published again",
                metadata: ["key": .string(key)])
            try await Task.sleep(for: retryInterval)
        }
    }

    /// Publishes once and waits.
    /// - Returns: `nil` when there is no response in time or the connection is lost.
    private func attempt(_ message: Message, _ key: String) async throws -> SubmissionResult? {
        let responses = router.responses(to: key)
        defer { router.stopWaiting(for: key) }
        do throws(AMQPError) {
            try await runtime.publisher.publish(
                message, to: ExchangeName.intake, key: QueueName.submitKey)
        } catch {
            runtime.logger.log(
                event: .brokerLost, level: .warning, "a submission could not be published and is tried again",
                metadata: ["key": .string(key), LogKey.error: .string(error.message)])
            return nil
        }
        try didPublish()
        return try await firstResult(in: responses)
    }

    private func message(_ body: Data, _ key: String, _ traceparent: String?) -> Message {
        var headers: FieldTable = [MessageHeader.idempotencyKey: .string(key)]
        if let traceparent { headers[MessageHeader.traceparent] = .string(traceparent) }
        var message = runtime.publisher.messages.message(
            body, type: MessageType.submission, correlationID: key,
            headers: headers)
        message.properties.replyTo = ReplyQueue.name(of: runtime)
        // The broker checks it; the gateway trusts the metadata of its own planner only.
        message.properties.userID = runtime.settings.brokers.first?.user
        return message
    }

    private func firstResult(in responses: AsyncStream<Data>) async throws -> SubmissionResult? {
        try await withThrowingTaskGroup(of: SubmissionResult?.self) { group in
            group.addTask {
                for await body in responses {
                    if let result = SubmissionResult(body) { return result }
                }
                return nil
            }
            group.addTask {
                try await Task.sleep(for: responseTimeout)
                return nil
            }
            group.addTask {
                // A response may have been lost with the connection.
                for await status in runtime.consuming.statusChanges where !status.isConnected { return nil }
                return nil
            }
            defer { group.cancelAll() }
            return try await group.next() ?? nil
        }
    }
}

extension ConnectionStatus {
    fileprivate var isConnected: Bool { if case .open = self { true } else { false } }
}
