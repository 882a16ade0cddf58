import AudioSources
import Contracts
import Foundation
import Logging
import ServiceKit

/// One delivery of a job at the download stage: tries the candidates and records the result of each.
///
/// It is a class because every function that waits for a transfer holds it, for up to thousands of jobs.
final class DownloadRun {
    let job: JobDocument
    let choice: CandidateChoice
    let handler: DownloadHandler
    let context: JobContext
    var section: TransferSection
    var failures: [SourceError] = []
    /// The peers that are offline or cannot be reached.
    private var awayPeers: Set<String> = []

    init(job: JobDocument, choice: CandidateChoice, handler: DownloadHandler, context: JobContext) {
        self.job = job
        self.choice = choice
        self.handler = handler
        self.context = context
        section = choice.section
    }

    /// Whether nothing has shown that the candidate's peer is away.
    func mayBeHere(_ candidate: Candidate) -> Bool { candidate.user.map { !awayPeers.contains($0) } ?? true }

    /// Whether another file of the candidate's peer has shown that the peer is away. The candidate then counts as failed.
    func isAway(_ candidate: Candidate) -> Bool {
        guard !mayBeHere(candidate) else { return false }
        section.fail(candidate, SourceError.Code.peerAway.description)
        return true
    }

    /// Fetches a candidate.
    /// - Returns: The outcome of the delivery; `nil` when the next candidate must be tried.
    func fetch(_ candidate: Candidate, hasAlternatives: Bool) async throws -> Outcome? {
        let began = ContinuousClock.now
        emitBeginning(of: candidate)
        section.begin(candidate, since: choice.since(candidate) ?? .now)
        do {
            let result = try await result(of: candidate, hasAlternatives)
            TransferMetrics.ended(result, source: candidate.source)
            if case .acquired(let file) = result {
                await handler.peers?.record(.delivered(bytes: file.size, in: began.duration(to: .now)), of: candidate)
            }
            return outcome(of: candidate, result)
        } catch let error as SourceError {
            TransferMetrics.failed(error, source: candidate.source)
            record(error, of: candidate)
            if error.isPeerFailure { await handler.peers?.record(.failed, of: candidate) }
            guard error.anotherCandidateMayHelp else { throw JobError(error.errorCode, error.message) }
            section.fail(candidate, error.code.description)
            if error.code == .peerAway, let user = candidate.user { awayPeers.insert(user) }
            failures.append(error)
            return nil
        }
    }

    private func result(of candidate: Candidate, _ hasAlternatives: Bool) async throws -> TransferResult {
        guard let source = handler.sources[candidate.source] else {
            throw SourceError(.notEnabled, "the source '\(candidate.source)' is not enabled; add it to HDM_SOURCES")
        }
        return try await source.follow(order(of: candidate, hasAlternatives), report: reporter(of: candidate))
    }

    private func order(of candidate: Candidate, _ hasAlternatives: Bool) -> TransferOrder {
        var order = TransferOrder(candidate, job: job.jobID, into: handler.staging.folder(of: job.jobID))
        order.round = choice.round
        order.earlierRounds = choice.earlierRounds
        order.priority = job.priority
        order.hasAlternatives = hasAlternatives
        order.since = choice.since(candidate)
        (order.patience, order.stay) = (handler.patience, handler.stay)
        order.holdEnds = context.holdEnds
        return order
    }

    private func reporter(of candidate: Candidate) -> @Sendable (TransferStep) -> Void {
        let context = context
        let source = candidate.source
        return { step in
            context.emit(step, of: candidate)
            switch step {
            case .progress(let done): context.progress(done: done.transferred, total: done.total)
            case .stalled:
                context.logger.log(
                    event: .downloadStalled, level: .warning, "the transfer stalled; trying the next candidate",
                    metadata: ["source": .string(source)])
            case .ordered, .adopted:
                context.logger.log(
                    event: .downloadEnqueued, step == .ordered ? "ordered a transfer" : "adopted a running transfer",
                    metadata: ["source": .string(source), "adopted": .stringConvertible(step == .adopted)])
            case .queued: break
            }
        }
    }
}
