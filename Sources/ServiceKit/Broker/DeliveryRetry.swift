import AMQP
import Contracts
import Logging
import ServiceLifecycle
import Synchronization

/// Handles deliveries until it succeeds, while a database or the broker fails.
///
/// The deliveries stay with this process. Returning each after a failure would be a loop at the broker's speed, and a
/// quorum queue counts each return against its delivery limit, after which it drops the message. While deliveries fail, a
/// readiness check fails, which pauses the subscriptions of the service. Before the hold limit ends, the deliveries are
/// returned to their queue once, also while the handler still runs.
final class DeliveryRetry: Sendable {
    private static let firstPause: Duration = .milliseconds(250)
    private static let longestPause: Duration = .seconds(15)

    private let queue: String
    private let holdLimit: Duration
    private let logger: Logger
    /// The reasons of the calls that fail at present.
    private let failing = Mutex<(count: Int, reason: String)>((0, ""))

    /// - Parameter holdLimit: how long a delivery may be held.
    init(queue: String, holdLimit: Duration, logger: Logger) {
        self.queue = queue
        // The rest is for the way to the broker.
        self.holdLimit = holdLimit * 0.9
        self.logger = logger
    }

    /// The readiness check: fails while deliveries cannot be handled.
    func check() -> CheckResult {
        failing.withLock { failing in
            guard failing.count > 0 else { return .ok }
            return .failing(
                "messages of \(queue) cannot be processed: \(failing.reason); they are held, and tried again")
        }
    }

    /// Handles deliveries together and acknowledges them, or returns them to their queue at the hold limit or the
    /// shutdown. Deliveries that the broker has taken back are left out.
    ///
    /// At the hold limit a running handler is cancelled. What it still does has no effect on the deliveries, and must be
    /// harmless when they are handled again.
    func settle(_ deliveries: [Delivery], _ handle: @escaping @Sendable ([Delivery]) async throws -> Void) async {
        guard let first = deliveries.map(\.receivedAt).min() else { return }
        var pause = GrowingPause(from: Self.firstPause, to: Self.longestPause)
        var hasFailed = false
        defer { if hasFailed { failing.withLock { $0.count -= 1 } } }
        while true {
            let kept = deliveries.filter { $0.isHeld || $0.mayBeGone }
            guard !kept.isEmpty else { return }
            // Only this process has the messages that may be gone: it tries these without a limit.
            let limit = kept.contains(where: \.isHeld) ? first + holdLimit : nil
            // They may have waited for an earlier batch.
            if let limit, .now >= limit {
                giveBack(kept)
                continue
            }
            let attempt = DeliveryAttempt(until: limit) { try await handle(kept) }
            switch await attempt.result() {
            case .success?:
                for delivery in kept { delivery.ack() }
                return
            case .failure(let error)?:
                record(error, isFirst: !hasFailed)
                hasFailed = true
                guard await wait(pause.next(), until: limit) else {
                    giveBack(kept)
                    guard !Task.isCancelled, !Task.isShuttingDownGracefully else { return }
                    continue
                }
            case nil:
                abandon(attempt)
                giveBack(kept)
            }
        }
    }

    /// Lets the readiness check fail until the handler has ended, so that no further deliveries meet the same fate.
    private func abandon(_ attempt: DeliveryAttempt) {
        failing.withLock { $0 = ($0.count + 1, "a handler takes longer than a message may be held") }
        Task {
            await attempt.cancel()
            failing.withLock { $0.count -= 1 }
        }
    }

    private func record(_ error: any Error, isFirst: Bool) {
        failing.withLock { failing in
            if isFirst { failing.count += 1 }
            failing.reason = "\(error)"
        }
        logger.log(
            event: .workerFailed, level: isFirst ? .error : .debug, "messages cannot be processed; trying again",
            metadata: [LogKey.queue: .string(queue), LogKey.error: .string("\(error)")])
    }

    /// - Returns: `false` when the deliveries must be returned now.
    private func wait(_ pause: Duration, until limit: ContinuousClock.Instant?) async -> Bool {
        if let limit, .now + pause >= limit { return false }
        let isOver = await cancelWhenGracefulShutdown { (try? await Task.sleep(for: pause)) != nil }
        return isOver && !Task.isShuttingDownGracefully
    }

    private func giveBack(_ deliveries: [Delivery]) {
        logger.log(
            event: .workerFailed, level: .warning, "messages are returned to their queue",
            metadata: [LogKey.queue: .string(queue), "messages": .stringConvertible(deliveries.count)])
        for delivery in deliveries { delivery.nack(requeue: true) }
    }
}
