import Contracts
import ServiceKit
import ServiceLifecycle

/// Reconciles the index with the dead-letter queues at the start and periodically.
///
/// This finds messages that never had a copy, that a lost index does not have, or that other tools moved. It also
/// deletes old entries.
struct ReconcileService: Service {
    let operations: DeadLetterOperations
    let settings: RecoverySettings
    let readiness: Readiness
    /// Raised when endings may have to be published.
    let wake: WakeSignal

    func run() async throws {
        await cancelWhenGracefulShutdown {
            for await isReady in self.readiness.changes where isReady { break }
            while !Task.isCancelled {
                let isComplete = await self.resume()
                await self.reconcile()
                await self.pause(isComplete)
            }
        }
    }

    /// Waits for the next reconciliation. Requeues that are incomplete are repeated meanwhile, after pauses that double.
    private func pause(_ wasComplete: Bool) async {
        let end = ContinuousClock.now + settings.reconcileInterval
        var (isComplete, next) = (wasComplete, Duration.seconds(5))
        while !isComplete, ContinuousClock.now + next < end, !Task.isCancelled {
            try? await Task.sleep(for: next)
            isComplete = await resume()
            next *= 2
        }
        try? await Task.sleep(until: end, clock: .continuous)
    }

    /// - Returns: Whether no requeue is left that was begun and not completed.
    private func resume() async -> Bool {
        do {
            return try await operations.resume()
        } catch {
            operations.logger.warning(
                "requeues that were interrupted are not completed; trying again",
                metadata: [LogKey.error: .string("\(error)")])
            return false
        }
    }

    private func reconcile() async {
        do {
            try await operations.reconcile()
            wake.raise()
            try await operations.removeReplaced()
            try await operations.index.deleteEntries(
                endedBefore: .now + .seconds(-86_400 * settings.retentionDays))
        } catch {
            operations.logger.warning(
                "the index was not reconciled with the dead-letter queues; trying again later",
                metadata: [LogKey.error: .string("\(error)")])
        }
    }
}
