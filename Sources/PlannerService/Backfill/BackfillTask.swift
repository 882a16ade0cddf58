import Catalogues
import Contracts
import Logging
import ServiceKit

/// Runs backfills step by step.
struct BackfillTask: LeasedTask {
    let context: TaskContext
    let library: any Library
    let unmatchedJobs: any UnmatchedJobs

    func commitStep(of backfill: Backfill) async throws -> Backfill? {
        do {
            return try await commitStepWithFallback(of: backfill)
        } catch let error as CatalogueError {
            try await handle(error, of: backfill, TaskProblem(code: error.code, message: "\(error)"))
        } catch let error as ServiceRequestError {
            let problem = TaskProblem(code: error.code, message: "\(error)")
            try await handle(.unavailable(error.reason), of: backfill, problem)
        }
        return nil
    }

    /// Uses Spotify; until a user has signed in there, MusicBrainz.
    private func commitStepWithFallback(of backfill: Backfill) async throws -> Backfill? {
        do {
            return try await commitStep(of: backfill, with: .spotify)
        } catch CatalogueError.signInNeeded where context.catalogues.musicBrainz != nil {
            return try await commitStep(of: backfill, with: .musicbrainz)
        }
    }

    private func commitStep(
        of backfill: Backfill, with kind: CatalogueLink.Catalogue
    ) async throws -> Backfill? {
        let reader = BackfillReader(
            catalogue: try context.catalogues.catalogue(kind), library: library, unmatchedJobs: unmatchedJobs,
            store: context.store, logger: context.logger)
        let page = try await reader.page(of: backfill)
        try context.checkpoint(.read)
        let now = context.store.clock()
        return try await context.store.commit(backfill) { [limits = context.limits] current, db in
            var step = BackfillStep(current, kind, limits, at: now)
            return try step.plan(page, db)
        }
    }

    func refused(_ backfill: Backfill, because problem: TaskProblem) -> BackfillProgress {
        var after = backfill.progress
        after.state = .failed
        after.problem = problem
        return after
    }

    func didEnd(_ before: Backfill, _ after: Backfill) {
        switch after.state {
        case .completed: log(after, .backfillCompleted, "a backfill is complete")
        case .failed: log(after, .backfillFailed, "a backfill failed")
        default: break
        }
    }

    private func handle(_ error: CatalogueError, of backfill: Backfill, _ problem: TaskProblem) async throws {
        var after = backfill.progress
        switch error.remedy(after: backfill.failures, at: context.store.clock()) {
        case .wait(let until, let failures):
            after.problem = problem
            after.dueAt = until
            after.failures = failures
        case .giveUp: after = refused(backfill, because: problem)
        }
        guard let saved = try await context.store.save(backfill, after) else { return }
        if saved.state == .failed { return didEnd(backfill, saved) }
        if backfill.problem?.code != problem.code { log(saved, .backfillWaiting, "a backfill waits") }
    }

    private func log(_ backfill: Backfill, _ event: LogEventName, _ message: Logger.Message) {
        var metadata: Logger.Metadata = [
            "backfill_id": .string(backfill.id.text), "processed": .stringConvertible(backfill.counts.processed),
            "matched": .stringConvertible(backfill.counts.matched),
        ]
        if let problem = backfill.problem {
            metadata[LogKey.until] = .string(backfill.dueAt.description)
            metadata[LogKey.code] = .string(problem.code)
            metadata[LogKey.error] = .string(problem.message)
        }
        let level: Logger.Level = event == .backfillFailed ? .warning : .info
        context.logger.log(event: event, level: level, message, metadata: metadata)
    }
}
