import Catalogues
import Contracts
import Logging
import ServiceKit

/// Reads links page by page and submits their tracks.
struct ExpansionTask: LeasedTask {
    let context: TaskContext
    /// Raised when an expansion changed, so that an event is published.
    let changed: WakeSignal

    func commitStep(of expansion: Expansion) async throws -> Expansion? {
        let now = context.store.clock()
        if let expiry = expansion.plan.expiresAt, expiry <= now {
            try await fail(expansion, TaskProblem(code: "expired", message: "the submission's expires_at has passed"))
            return nil
        }
        do {
            let reader = ExpansionReader(catalogue: try context.catalogues.catalogue(of: expansion.link))
            let page = try await reader.page(of: expansion.link, at: expansion.cursor)
            try context.checkpoint(.read)
            return try await context.store.commit(expansion) { [limits = context.limits] current, db in
                var step = ExpansionStep(current, page, limits, at: now)
                return try step.plan(db)
            }
        } catch let error as CatalogueError {
            try await handle(error, of: expansion)
            return nil
        }
    }

    func refused(_ expansion: Expansion, because problem: TaskProblem) -> ExpansionProgress {
        var after = expansion.progress
        after.state = .failed
        after.problem = problem
        return after
    }

    func didEnd(_ before: Expansion, _ after: Expansion) {
        changed.raise()
        switch after.state {
        case .completed: log(after, .expansionCompleted, "a link was read to its end")
        case .failed: log(after, .expansionFailed, "a link cannot be expanded")
        default: break
        }
    }

    private func handle(_ error: CatalogueError, of expansion: Expansion) async throws {
        let problem = TaskProblem(code: error.code, message: error.description)
        switch error.remedy(after: expansion.failures, at: context.store.clock()) {
        case .giveUp: try await fail(expansion, problem)
        case .wait(let until, let failures):
            var after = expansion.progress
            after.state = .waiting
            after.dueAt = until
            after.failures = failures
            after.problem = problem
            guard let saved = try await context.store.save(expansion, after) else { return }
            changed.raise()
            if expansion.problem?.code != error.code { log(saved, .expansionWaiting, "a link waits for its catalogue") }
        }
    }

    private func fail(_ expansion: Expansion, _ problem: TaskProblem) async throws {
        guard let saved = try await context.store.save(expansion, refused(expansion, because: problem)) else { return }
        didEnd(expansion, saved)
    }

    private func log(_ expansion: Expansion, _ event: LogEventName, _ message: Logger.Message) {
        var metadata: Logger.Metadata = [
            LogKey.batchID: .string(expansion.plan.batchID), "expansion_id": .string(expansion.id.text),
            "link": .string(expansion.link.description), "read": .stringConvertible(expansion.counts.read),
            "enqueued": .stringConvertible(expansion.counts.enqueued),
        ]
        if let problem = expansion.problem {
            metadata[LogKey.code] = .string(problem.code)
            metadata[LogKey.error] = .string(problem.message)
        }
        if expansion.state == .waiting { metadata[LogKey.until] = .string(expansion.dueAt.description) }
        let level: Logger.Level = event == .expansionFailed ? .warning : .info
        context.logger.log(event: event, level: level, message, metadata: metadata)
    }
}
