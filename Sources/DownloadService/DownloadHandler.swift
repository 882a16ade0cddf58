import AudioSources
import Contracts
import Foundation
import Logging
import ServiceKit

/// Fetches the matched file into the job's own folder: the best candidate first, the next when one fails.
struct DownloadHandler: StageHandler {
    let stage = Stage.download
    let sources: [String: any FetchSource]
    let staging: StagingArea
    /// `nil` where no source has peers.
    var peers: PeerMemory?

    func handle(_ job: JobDocument, _ context: JobContext) async throws -> Outcome {
        let candidates = try await ranked(try candidates(of: job))
        context.logger.log(
            event: .downloadStarted, "fetching", metadata: ["candidates": .stringConvertible(candidates.count)])
        var failures: [SourceError] = []
        for candidate in candidates {
            let began = ContinuousClock.now
            do {
                let file = try await fetch(candidate, for: job, context)
                await peers?.note(.delivered(bytes: file.size, in: began.duration(to: .now)), of: candidate)
                return done(job, candidate, file, context)
            } catch let error as SourceError {
                note(error, of: candidate, context)
                if error.isThePeers { await peers?.note(.failed, of: candidate) }
                guard error.anotherCandidateMayHelp else { throw JobError(error.errorCode, error.message) }
                failures.append(error)
            }
        }
        return giveUp(failures)
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

    private func fetch(
        _ candidate: Candidate, for job: JobDocument, _ context: JobContext
    ) async throws
        -> AcquiredFile
    {
        guard let source = sources[candidate.source] else {
            throw SourceError(.refused, "the source '\(candidate.source)' is not set up here; see HDM_SOURCES")
        }
        return try await source.acquire(candidate, job: job.jobID, into: staging.folder(of: job.jobID)) {
            context.progress(done: $0.transferred, total: $0.total)
        }
    }

    private func done(
        _ job: JobDocument, _ candidate: Candidate, _ file: AcquiredFile, _ context: JobContext
    )
        -> Outcome
    {
        var job = job
        job.download = DownloadSection(
            source: candidate.source, user: candidate.user,
            path: staging.path(of: file.file.lastPathComponent, job: job.jobID), size: file.size, sha256: file.sha256)
        context.logger.log(
            event: .downloadCompleted, "fetched",
            metadata: ["source": .string(candidate.source), "bytes": .stringConvertible(file.size)])
        return .done(job, data: ["source": .string(candidate.source), "bytes": .integer(file.size)])
    }

    private func note(_ error: SourceError, of candidate: Candidate, _ context: JobContext) {
        context.logger.log(
            event: .downloadCandidateFailed, level: .warning, "a candidate could not be fetched",
            metadata: [
                "source": .string(candidate.source), LogKey.code: .string(error.code.description),
                LogKey.error: .string(error.message),
            ])
    }

    /// What is gone or changed may be offered again under another name: the search begins anew, within the budget.
    private func giveUp(_ failures: [SourceError]) -> Outcome {
        let reasons = failures.map(\.message).joined(separator: "; ")
        let error = JobError(failures.last?.errorCode ?? .noSource, "no candidate could be fetched: \(reasons)")
        let mayBeFoundAnew = failures.contains { $0.code == .gone || $0.code == .changed }
        return .retry(error, from: mayBeFoundAnew ? .match : nil)
    }
}
