import Contracts
import Foundation
import Logging
import NIOPosix
import ServiceKit
import Synchronization

/// Verifies the fetched file and puts a tagged copy beside it, for the move.
struct TagHandler: StageHandler {
    let stage = Stage.tag
    let staging: StagingArea

    func handle(_ job: JobDocument, _ context: JobContext) async throws -> Outcome {
        do throws(JobError) {
            return outcome(try await tag(job, context), job, context)
        } catch {
            guard [.verificationFailed, .unsupportedFormat].contains(error.code) else { throw error }
            context.logger.log(
                event: .tagRejected, level: .warning, "the fetched file is not what was wanted",
                metadata: [LogKey.code: .string(error.code.rawValue), LogKey.error: .string(error.message)])
            return try fallBack(job, error)
        }
    }

    /// Another peer may have the right file. This one's is noted, so that nobody fetches it again: each job has only so
    /// many candidates, and comes to its end.
    private func fallBack(_ job: JobDocument, _ error: JobError) throws(JobError) -> Outcome {
        guard let candidate = job.fetchedFromPeer else { throw error }
        var section = job.transfer ?? TransferSection()
        guard section.mislabelledFiles.count < TransferSection.mostFailedCandidates else { throw error }
        section.giveUp(candidate.user, candidate.key, error.code.rawValue)
        var job = job
        job.transfer = section
        return .restart(from: .download, job, because: error)
    }

    private func tag(_ job: JobDocument, _ context: JobContext) async throws(JobError) -> TagResult {
        let flag = CancellationFlag()
        let run = TagRun(
            job: job, staging: staging, isCancelled: { flag.isSet },
            progress: { context.progress(done: $0, total: $1) })
        do {
            return try await withTaskCancellationHandler {
                try await NIOThreadPool.singleton.runIfActive { try run.run() }
            } onCancel: {
                flag.set()
            }
        } catch let error as JobError {
            throw error
        } catch {
            throw JobError(.internalError, "the tagging was interrupted: \(type(of: error))")
        }
    }

    private func outcome(_ result: TagResult, _ job: JobDocument, _ context: JobContext) -> Outcome {
        guard case .tagged(let section, let isNew) = result else {
            return .retry(JobError(.internalError, "the fetched file is gone; fetching it anew"), from: .download)
        }
        context.logger.log(
            event: isNew ? .tagCompleted : .tagSkipped, isNew ? "tagged" : "tagged before",
            metadata: ["codec": .string(section.codec), LogKey.duration: .stringConvertible(section.durationMS)])
        var job = job
        job.tag = section
        return .completed(job, data: ["codec": .string(section.codec)])
    }
}

/// Carries a task's cancellation to the thread that works for it.
private final class CancellationFlag: Sendable {
    private let flag = Atomic(false)

    var isSet: Bool { flag.load(ordering: .relaxed) }
    func set() { flag.store(true, ordering: .relaxed) }
}
