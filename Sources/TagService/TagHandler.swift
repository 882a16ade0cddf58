import Contracts
import Files
import Logging
import ServiceKit

/// Verifies the downloaded file and makes a tagged copy for the move stage.
struct TagHandler: StageHandler {
    let stage = Stage.tag
    let staging: StagingArea
    /// Has as many threads as the stage works on jobs at once.
    let pool: BlockingPool

    func handle(_ job: JobDocument, _ context: JobContext) async throws -> Outcome {
        let result: TagResult
        do throws(JobError) {
            result = try await tag(job, context)
        } catch {
            guard [.verificationFailed, .unsupportedFormat].contains(error.code) else { throw error }
            return try reject(job, error, error.code.rawValue, context)
        }
        if case .otherDuration(let error) = result {
            return try reject(job, error, TransferSection.FailedCandidate.otherDuration, context)
        }
        return outcome(result, job, context)
    }

    /// - Parameter code: the reason in the record of the candidate.
    private func reject(
        _ job: JobDocument, _ error: JobError, _ code: String, _ context: JobContext
    ) throws(JobError) -> Outcome {
        context.logger.log(
            event: .tagRejected, level: .warning, "the downloaded file is not the wanted recording",
            metadata: [LogKey.code: .string(code), LogKey.error: .string(error.message)])
        return try restartWithNextCandidate(job, error, code)
    }

    /// Records the candidate as failed and restarts the job at the download of the next one. The number of candidates is
    /// limited, so the job ends.
    private func restartWithNextCandidate(
        _ job: JobDocument, _ error: JobError, _ code: String
    ) throws(JobError) -> Outcome {
        guard let candidate = job.fetchedFromPeer else { throw error }
        var section = job.transfer ?? TransferSection()
        guard section.wrongFiles.count < TransferSection.maximumFailedCandidates else { throw error }
        section.recordFailure(candidate.user, candidate.key, code)
        var job = job
        job.transfer = section
        return .restart(from: .download, job, because: error)
    }

    private func tag(_ job: JobDocument, _ context: JobContext) async throws(JobError) -> TagResult {
        do {
            return try await pool.runCancellable { [staging] flag in
                try TagRun(
                    job: job, staging: staging, isCancelled: { flag.isSet },
                    progress: { context.progress(done: $0, total: $1) }
                ).run()
            }
        } catch let error as JobError {
            throw error
        } catch {
            throw JobError(.internalError, "the tagging was interrupted: \(type(of: error)); it is repeated")
        }
    }

    private func outcome(_ result: TagResult, _ job: JobDocument, _ context: JobContext) -> Outcome {
        guard case .tagged(let section, let isNew) = result else {
            return .retry(
                JobError(.internalError, "the downloaded file does not exist; the job starts again at the download"),
                from: .download)
        }
        context.logger.log(
            event: isNew ? .tagCompleted : .tagSkipped,
            isNew ? "the file is tagged" : "the file was tagged before",
            metadata: ["codec": .string(section.codec), LogKey.duration: .stringConvertible(section.durationMS)])
        var job = job
        job.tag = section
        return .completed(job, data: ["codec": .string(section.codec)])
    }
}
