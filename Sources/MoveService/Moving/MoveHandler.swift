import Contracts
import Databases
import Files
import GRDB
import Logging
import ServiceKit

/// Moves the tagged file into the library and ends the job.
struct MoveHandler: StageHandler {
    /// The pause when another worker has the same job or recording. Afterwards the move is done, or its process is dead.
    private static let pauseWhenBusy = Duration.seconds(5)

    let stage = Stage.move
    let mover: LibraryMover
    /// Has as many threads as the stage works on jobs at once.
    let pool: BlockingPool

    func handle(_ job: JobDocument, _ context: JobContext) async throws -> Outcome {
        let source = try source(of: job)
        do {
            return outcome(
                try await move(MoveRequest(job, generation: context.requeues, source: source), context), job, context)
        } catch {
            throw Self.jobError(error)
        }
    }

    /// Withdraws a move that has not reached the library. A job whose file is in the library continues to its end.
    func abandon(_ job: JobDocument) async throws -> Bool {
        try await pool.run { [mover] in try mover.abandon(job.jobID, key: job.dedupeKey) }
    }

    private func source(of job: JobDocument) throws(JobError) -> String {
        guard let path = job.tag?.path else {
            throw JobError(.invalidPayload, "the job names no tagged file; it has not been through the tag stage")
        }
        _ = try mover.staging.resolve(path, of: job.jobID)
        return path
    }

    private func move(_ request: MoveRequest, _ context: JobContext) async throws -> MoveResult {
        try await pool.runCancellable { [mover] flag in
            var observer = MoveObserver()
            observer.isCancelled = { flag.isSet }
            observer.progress = { context.progress(done: $0, total: $1) }
            observer.willCopy = { size in
                context.logger.log(
                    event: .moveCopyFallback, "the library is on another file system: copying",
                    metadata: ["bytes": .stringConvertible(size)])
            }
            return try mover.move(request, observer)
        }
    }

    private func outcome(_ result: MoveResult, _ job: JobDocument, _ context: JobContext) -> Outcome {
        switch result {
        case .moved(let path):
            context.logger.log(
                event: .moveCompleted, "the file is in the library", metadata: ["path": .string(path)])
            var job = job
            job.move = MoveSection(path: path)
            return .completed(job, data: ["path": .string(path)])
        case .duplicate(let path):
            context.logger.log(
                event: .dedupeSkipped, "the library already has the recording", metadata: ["path": .string(path)])
            return .duplicate(path: path)
        case .sourceMissing:
            return .retry(
                JobError(.internalError, "the tagged file does not exist; the job starts again at the download"),
                from: .download)
        case .busy:
            return .snooze(
                until: .now + Self.pauseWhenBusy, because: "another worker is moving the same recording",
                wait: JobEvent.Wait(.sameRecording))
        }
    }
}

extension MoveHandler {
    private static func jobError(_ error: any Error) -> any Error {
        switch error {
        case let error as FileError: JobError(error)
        case let error as ContentChanged:
            JobError(.internalError, "\(error.path) changed while it was moved; the move is repeated")
        case let error as NoFreeName:
            JobError(.internalError, "all names like \(error.path) are taken; rename or remove some of the files")
        case let error as DatabaseError where error.resultCode == .SQLITE_FULL:
            JobError(.diskFull, "the library index cannot grow; free some space in HDM_STATE_DIR")
        case let error as DatabaseError:
            JobError(.internalError, "the library index failed: \(error.resultCode); check HDM_STATE_DIR")
        case let error as UnreadableRow:
            JobError(.internalError, "the library index cannot be read: \(error); restore a backup of library.db")
        default: error
        }
    }
}
