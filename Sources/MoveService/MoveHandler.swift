import Contracts
import Foundation
import GRDB
import Logging
import NIOPosix
import ServiceKit
import Synchronization

/// Brings the tagged file into the library and ends the job.
struct MoveHandler: StageHandler {
    /// When another worker has the same job or recording: by then it is done, or its process is dead.
    private static let pauseWhenBusy = Duration.seconds(5)

    let stage = Stage.move
    let mover: LibraryMover

    func handle(_ job: JobDocument, _ context: JobContext) async throws -> Outcome {
        let source = try source(of: job)
        do {
            return outcome(try await move(MoveRequest(job, source: source), context), job, context)
        } catch {
            throw Self.jobError(error)
        }
    }

    /// What the library shows already stays, and its job goes on to its end.
    func abandon(_ job: JobDocument) async throws -> Bool {
        try await NIOThreadPool.singleton.runIfActive { [mover] in try mover.abandon(job.jobID, key: job.dedupeKey) }
    }

    private func source(of job: JobDocument) throws(JobError) -> String {
        guard let path = job.tag?.path else {
            throw JobError(.invalidPayload, "the job names no tagged file; it has not been through the tag stage")
        }
        _ = try mover.staging.resolve(path, of: job.jobID)
        return path
    }

    private func move(_ request: MoveRequest, _ context: JobContext) async throws -> MoveResult {
        let flag = CancellationFlag()
        var watch = MoveWatch()
        watch.isCancelled = { flag.isSet }
        watch.progress = { context.progress(done: $0, total: $1) }
        watch.copies = { size in
            context.logger.log(
                event: .moveCopyFallback, "the library is on another file system: copying",
                metadata: ["bytes": .stringConvertible(size)])
        }
        return try await withTaskCancellationHandler {
            try await NIOThreadPool.singleton.runIfActive { [mover, watch] in try mover.move(request, watch) }
        } onCancel: {
            flag.set()
        }
    }

    private func outcome(_ result: MoveResult, _ job: JobDocument, _ context: JobContext) -> Outcome {
        switch result {
        case .moved(let path):
            context.logger.log(event: .moveCompleted, "in the library", metadata: ["path": .string(path)])
            var job = job
            job.move = MoveSection(path: path)
            return .completed(job, data: ["path": .string(path)])
        case .duplicate(let path):
            context.logger.log(
                event: .dedupeSkipped, "the library has the recording already", metadata: ["path": .string(path)])
            return .duplicate(path: path)
        case .sourceMissing:
            return .retry(JobError(.internalError, "the tagged file is gone; fetching it anew"), from: .download)
        case .busy:
            return .snooze(
                until: .now + Self.pauseWhenBusy, because: "another worker is moving the same recording")
        }
    }
}

extension MoveHandler {
    private static func jobError(_ error: any Error) -> any Error {
        switch error {
        case let error as FileError: error.jobError
        case let error as ContentChanged: JobError(.internalError, "\(error.path) changed while it was moved")
        case let error as NoFreeName: JobError(.internalError, "too many files are named like \(error.path)")
        case let error as DatabaseError where error.resultCode == .SQLITE_FULL:
            JobError(.diskFull, "the library index cannot grow; free some space in HDM_STATE_DIR")
        case let error as DatabaseError:
            JobError(.internalError, "the library index failed: \(error.resultCode)")
        default: error
        }
    }
}

/// Carries a task's cancellation to the thread that works for it.
private final class CancellationFlag: Sendable {
    private let flag = Atomic(false)

    var isSet: Bool { flag.load(ordering: .relaxed) }
    func set() { flag.store(true, ordering: .relaxed) }
}
