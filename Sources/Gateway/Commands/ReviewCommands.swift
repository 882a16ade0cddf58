import Contracts
import Foundation
import JobLedger
import Logging
import ServiceKit

/// Carries out decisions of people about doubtful matches.
struct ReviewCommands: Sendable {
    let store: JobStore
    let claims: GenerationClaims
    let outbox: WakeSignal
    /// The process, as the timeline names it.
    let worker: String
    let logger: Logger

    /// Applies a decision. When the call returns, the decision is durable.
    /// - Throws: `ReviewError`, `DatabaseError`; `JobError` when the shared volume fails.
    func decide(_ decision: ReviewDecision, on job: JobID, by client: String) async throws -> DecisionResponse {
        try await claims.checkVolume(job)
        let response = try await store.decide(decision, on: job, by: client, worker: worker) { [claims] step in
            let claimant = "decision about hop \(step.hop) of generation \(step.generation)"
            let generation = try claims.claimNext(of: job, after: step.generation, claimant: claimant)
            CrashPoint.pass(.generationClaimed)
            return generation
        }
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
