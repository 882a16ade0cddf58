import AudioSources
import Contracts
import Foundation
import Logging
import ServiceKit

/// Fetches the matched file into the job's own folder. It tries the best candidate first, and the next one when that
/// fails.
///
/// A job whose transfer has no predictable end is snoozed and continued later. That does not count as an attempt.
struct DownloadHandler: StageHandler {
    let stage = Stage.download
    let sources: [String: any FetchSource]
    let staging: StagingArea
    /// `nil` where no source has peers.
    var peers: PeerReputation?
    /// How long a transfer may wait for its turn before the job gives way.
    var patience: Duration = .seconds(20)
    /// How long to follow a transfer in a queue, the first time.
    var stay: Duration = .seconds(5)
    /// How long to snooze the job while its source is unavailable.
    var absence: Duration = .seconds(30)

    func handle(_ job: JobDocument, _ context: JobContext) async throws -> Outcome {
        let offered = try candidates(of: job)
        try job.checkTransfer()
        let job = try await MislabelledFiles(staging: staging, peers: peers).processed(job, context.logger)
        let choice = CandidateChoice(job, requeues: context.requeues)
        let candidates = choice.ordered(try await ranked(offered, isOfAlbum: job.albumJobs != nil))
        context.logger.log(
            event: .downloadStarted, "fetching a file for the job",
            metadata: ["candidates": .stringConvertible(candidates.count)])
        let run = DownloadRun(job: job, choice: choice, handler: self, context: context)
        for (index, candidate) in candidates.enumerated() {
            if index > 0, context.holdEnds <= .now { return run.handedBack }
            if run.isAway(candidate) { continue }
            if let outcome = try await run.fetch(
                candidate, hasAlternatives: candidates[(index + 1)...].contains(where: run.mayBeHere))
            {
                return outcome
            }
        }
        return run.exhausted()
    }

    /// Ends the job's transfers in this process and those that continue without it.
    func abandon(_ job: JobDocument) async throws -> Bool {
        for source in sources.values {
            await source.cancel(job: job.jobID)
            let candidates = (job.match?.candidates ?? []).filter { $0.source == source.name }
            try await source.abandon(candidates, of: job.jobID)
        }
        return true
    }

    private func candidates(of job: JobDocument) throws -> [Candidate] {
        guard let candidates = job.match?.candidates, !candidates.isEmpty else {
            throw JobError(.invalidPayload, "the job has no candidates; submit it again so that it is matched first")
        }
        return candidates
    }

    /// Returns the candidates in the order to try them, without those of banned peers. The tracks of an album keep the order
    /// of the match stage, so that all come from one folder.
    /// - Throws: ``JobError`` when every candidate is from a banned peer.
    private func ranked(_ candidates: [Candidate], isOfAlbum: Bool) async throws -> [Candidate] {
        guard let peers else { return candidates }
        let ranked = await peers.ranked(candidates, byTrust: !isOfAlbum)
        guard !ranked.isEmpty else {
            throw JobError(.noSource, "only banned peers have the file; see GET /api/v1/peers")
        }
        return ranked
    }
}
