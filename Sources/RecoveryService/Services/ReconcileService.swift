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
                await self.resume()
                await self.reconcile()
                try? await Task.sleep(for: self.settings.reconcileInterval)
            }
        }
    }

    private func resume() async {
        do {
            try await operations.resume()
        } catch {
            operations.logger.warning(
                "requeues that were interrupted are not completed; requeue these dead letters again",
                metadata: [LogKey.error: .string("\(error)")])
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
