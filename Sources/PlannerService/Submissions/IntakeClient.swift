import AMQP
import Contracts
import Foundation
import Logging
import ServiceKit

/// Publishes submissions to `hdm.intake` and waits for the responses on the reply queue.
struct IntakeClient: SubmissionClient {
    let runtime: ServiceRuntime
    let router: ReplyRouter
    /// How long the first response may take before the same bytes are published again.
    var responseTimeout: Duration = .seconds(60)
    /// The largest pause between repetitions. It doubles from ``responseTimeout`` after each response that is late.
    var longestTimeout: Duration = .seconds(1800)
    /// The pause after a publish that failed.
    var retryInterval: Duration = .seconds(1)
    /// Runs after the broker has confirmed the submission. Tests throw here to simulate a crash.
    var didPublish: @Sendable () throws -> Void = {}
    /// Runs after a response was late, with the next interval.
    var didTimeOut: @Sendable (Duration) -> Void = { _ in }

    func submit(_ body: Data, key: String, traceparent: String?) async throws -> SubmissionResult {
        var interval = ResponseInterval(first: responseTimeout, longest: longestTimeout)
        // Whether a copy may still wait in the intake queue.
        var isPublished = false
        while true {
            try Task.checkCancellation()
            try await runtime.waitForBroker()
            // Before the queue is checked, so that a response that arrives meanwhile is received.
            let responses = router.responses(to: key)
            defer { router.stopWaiting(for: key) }
            let mustPublish = if isPublished { await canRepeat() } else { true }
            if mustPublish {
                guard await publish(message(body, key, traceparent), key) else {
                    try await Task.sleep(for: retryInterval)
                    continue
                }
                isPublished = true
                try didPublish()
            }
            let outcome = try await firstOutcome(in: responses, within: interval.current)
            if case .result(let result) = outcome { return result }
            if case .temporaryError = outcome { isPublished = false }
            try await waitAfter(outcome, &interval, key)
        }
    }

    private func waitAfter(_ outcome: Outcome, _ interval: inout ResponseInterval, _ key: String) async throws {
        switch outcome {
        case .result: break
        case .temporaryError:
            interval.reset()
            logRetry("the gateway could not accept a submission; it is published again", key)
            try await Task.sleep(for: interval.current)
        case .connectionLost:
            interval.reset()
            logRetry("the connection was lost before the response to a submission", key)
            try await Task.sleep(for: retryInterval)
        case .timeout:
            interval.grow()
            logRetry("no response to a submission; it is repeated unless the intake queue still holds it", key)
            didTimeOut(interval.current)
        }
    }

    /// Publishes once.
    /// - Returns: whether the broker has confirmed the submission.
    private func publish(_ message: Message, _ key: String) async -> Bool {
        do throws(AMQPError) {
            try await runtime.publisher.publish(
                message, to: ExchangeName.intake, key: QueueName.submitKey)
            return true
        } catch {
            runtime.logger.log(
                event: .brokerLost, level: .warning, "a submission could not be published and is tried again",
                metadata: ["key": .string(key), LogKey.error: .string(error.message)])
            return false
        }
    }

    /// Returns whether the earlier copy of a submission does not wait in the intake queue without a consumer.
    private func canRepeat() async -> Bool {
        do throws(AMQPError) {
            let status = try await runtime.consuming.status(of: QueueName.intake)
            return status.ready == 0 || status.consumers > 0
        } catch {
            // Without the queue there is no copy; the publish reports what is wrong.
            return !error.isConnectionFailure
        }
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

    private func logRetry(_ text: Logger.Message, _ key: String) {
        runtime.logger.log(event: .workerFailed, level: .notice, text, metadata: ["key": .string(key)])
    }
}

// MARK: - Responses

extension IntakeClient {
    private enum Outcome: Sendable {
        case result(SubmissionResult)
        /// There is a response, and a repetition may help.
        case temporaryError
        /// A response may have been lost with the connection.
        case connectionLost
        case timeout
    }

    private func firstOutcome(
        in responses: AsyncStream<Data>, within interval: Duration
    ) async throws -> Outcome {
        try await withThrowingTaskGroup(of: Outcome.self) { group in
            group.addTask {
                for await body in responses {
                    return SubmissionResult(body).map(Outcome.result) ?? .temporaryError
                }
                return .timeout
            }
            group.addTask {
                try await Task.sleep(for: interval)
                return .timeout
            }
            group.addTask {
                for await status in runtime.consuming.statusChanges where !status.isConnected { return .connectionLost }
                return .connectionLost
            }
            defer { group.cancelAll() }
            return try await group.next() ?? .timeout
        }
    }
}

extension ConnectionStatus {
    fileprivate var isConnected: Bool { if case .open = self { true } else { false } }
}
