import AudioSources
import Contracts
import Foundation
import Logging
import ServiceKit

/// Fetches the matched file into the job's own folder: the best candidate first, the next when one fails.
///
/// A transfer that nobody can say the end of is left alone for a while, and gone on with later: that spends no attempt.
struct DownloadHandler: StageHandler {
    let stage = Stage.download
    let sources: [String: any FetchSource]
    let staging: StagingArea
    /// `nil` where no source has peers.
    var peers: PeerReputation?
    /// How long to stay with a transfer that stands in a queue.
    var patience: Duration = .seconds(60)
    /// How long to leave the job alone while its source is away.
    var absence: Duration = .seconds(30)

    func handle(_ job: JobDocument, _ context: JobContext) async throws -> Outcome {
        let offered = try candidates(of: job)
        let job = try await MislabelledFiles(staging: staging, peers: peers).settled(job, context.logger)
        let choice = CandidateChoice(job, requeues: context.requeues)
        let candidates = choice.ordered(try await ranked(offered))
        context.logger.log(
            event: .downloadStarted, "fetching", metadata: ["candidates": .stringConvertible(candidates.count)])
        let run = DownloadRun(job: job, choice: choice, handler: self, context: context)
        for (index, candidate) in candidates.enumerated() {
            if let outcome = try await run.fetch(candidate, hasAlternatives: index + 1 < candidates.count) {
                return outcome
            }
        }
        return run.giveUp()
    }

    /// Ends what runs for the job here, and what goes on elsewhere by itself.
    func abandon(_ job: JobDocument) async throws -> Bool {
        for source in sources.values {
            await source.cancel(job: job.jobID)
            guard let transfers = source as? any TransferSource else { continue }
            let candidates = (job.match?.candidates ?? []).filter { $0.source == source.name }
            try await transfers.abandon(candidates, of: job.jobID)
        }
        return true
    }

    private func candidates(of job: JobDocument) throws -> [Candidate] {
        guard let candidates = job.match?.candidates, !candidates.isEmpty else {
            throw JobError(.invalidPayload, "the job names no candidates; it has not been through the match stage")
        }
        return candidates
    }

    /// Banned peers are left out; when they are all there is, nobody has it.
    private func ranked(_ candidates: [Candidate]) async throws -> [Candidate] {
        guard let peers else { return candidates }
        let ranked = await peers.ranked(candidates)
        guard !ranked.isEmpty else {
            throw JobError(.noSource, "only banned peers have it; see GET /api/v1/peers")
        }
        return ranked
    }
}
