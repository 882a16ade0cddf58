import Contracts
import Foundation
import JobLedger
import Logging
import ServiceKit

/// Carries out decisions of people about doubtful matches.
struct ReviewCommands: Sendable {
    let store: JobStore
    let outbox: WakeSignal
    /// The process, as the timeline names it.
    let worker: String
    let logger: Logger

    /// Applies a decision. When the call returns, the decision is durable.
    /// - Throws: `ReviewError`, `DatabaseError`.
    func decide(_ decision: ReviewDecision, on job: JobID, by client: String) async throws -> DecisionResponse {
        let response = try await store.decide(decision, on: job, by: client, worker: worker)
        outbox.raise()
        GatewayMetrics.decided(decision.verb.rawValue)
        GatewayMetrics.reviews(open: try await store.openReviews())
        logger.log(
            event: .reviewDecided, "a person decided about a match",
            metadata: [
                LogKey.jobID: .string(job.text), "decision": .string(decision.verb.rawValue),
                "status": .string(response.status.rawValue), "by": .string(client),
            ])
        return response
    }
}
