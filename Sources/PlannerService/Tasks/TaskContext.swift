import Contracts
import Logging
import ServiceKit

/// What all tasks need.
struct TaskContext: Sendable {
    let store: PlannerStore
    let catalogues: PlannerCatalogues
    let submissions: any SubmissionClient
    let limits: PlannerLimits
    /// Names this process in leases.
    let worker: String
    let logger: Logger
    /// Runs between the parts of a step. Tests throw here to simulate a crash.
    var checkpoint: @Sendable (Checkpoint) throws -> Void = { _ in }

    /// The places in a step at which a process may die.
    enum Checkpoint: Sendable, CaseIterable {
        /// The page is read, nothing is committed.
        case read
        /// The submission is committed as pending.
        case committed
        /// The response is there, and not applied.
        case responded
        /// The response is applied.
        case applied
    }
}

extension TaskContext {
    /// Runs `body`; logs an error instead of throwing it.
    func attempt(_ failure: Logger.Message, _ body: () async throws -> Void) async {
        do {
            try await body()
        } catch is CancellationError {
        } catch {
            logger.log(
                event: .workerFailed, level: .warning, failure, metadata: [LogKey.error: .string("\(error)")])
        }
    }
}
