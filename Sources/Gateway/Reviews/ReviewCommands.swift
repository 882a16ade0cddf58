import Contracts
import Foundation
import Logging
import ServiceKit

/// Where people decide about doubtful matches.
struct ReviewCommands: Sendable {
    let store: JobStore
    let outbox: WakeSignal
    /// The process, as the timeline names it.
    let worker: String
    let logger: Logger

    /// Takes a decision. When it returns, the decision outlives the process.
    /// - Throws: ``ReviewError``, `DatabaseError`.
    func decide(_ decision: ReviewDecision, on job: JobID, by client: String) async throws -> DecisionResponse {
        let answer = try await store.decide(decision, on: job, by: client, worker: worker)
        outbox.raise()
        GatewayMetrics.decided(decision.verb.rawValue)
        GatewayMetrics.reviews(open: try await store.openReviews())
        logger.log(
            event: .reviewDecided, "a person decided about a match",
            metadata: [
                LogKey.jobID: .string(job.text), "decision": .string(decision.verb.rawValue),
                "status": .string(answer.status.rawValue), "by": .string(client),
            ])
        return answer
    }
}
