import AudioSources
import Contracts
import Logging
import Matching
import Metadata
import ServiceKit

/// Asks the sources for a job's track and judges what they offer.
struct MatchHandler: StageHandler {
    /// Files asked of each source.
    static let mostOffers = 200

    let stage = Stage.match
    let sources: [any AudioSource]
    let metadata: any MetadataProvider
    let matcher: Matcher

    func handle(_ job: JobDocument, _ context: JobContext) async throws -> Outcome {
        let track = try await metadata.resolve(job.track)
        let offers = try await offers(for: track)
        let decision = matcher.judge(wanted: track, offers: offers)
        return outcome(of: decision, for: job, context)
    }

    /// Asks every source side by side. One that fails is an error: "nobody has it" would be a guess.
    private func offers(for track: Track) async throws -> [OfferedFile] {
        do {
            return try await withThrowingTaskGroup { group in
                for source in sources {
                    group.addTask { try await source.search(track, limit: Self.mostOffers) }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
        } catch let error as SourceError {
            throw JobError(error.errorCode, error.message)
        }
    }

    private func outcome(of decision: MatchDecision, for job: JobDocument, _ context: JobContext) -> Outcome {
        var job = job
        job.match = decision.candidates
        let score = decision.ranked.first?.score ?? 0
        switch decision.outcome {
        case .accept:
            context.logger.log(event: .matchCompleted, "matched", metadata: ["score": .stringConvertible(score)])
            return .done(job, data: ["score": .number(score)])
        case .review:
            context.logger.log(
                event: .matchReview, "the match is doubtful", metadata: ["score": .stringConvertible(score)])
            return .review(job, because: decision.explanation)
        case .reject:
            context.logger.log(event: .matchRejected, "nothing fits")
            return .dead(JobError(.noMatch, decision.explanation))
        }
    }
}
