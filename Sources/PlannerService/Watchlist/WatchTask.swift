import Catalogues
import Contracts
import Logging
import ServiceKit

/// Checks watched artists and playlists when they are due, and submits what is new.
struct WatchTask: LeasedTask {
    let context: TaskContext
    /// The factor for intervals, so that not all checks are due at once.
    var jitter: @Sendable () -> Double = { Double.random(in: 0.95...1.05) }

    func commitStep(of entry: WatchEntry) async throws -> WatchEntry? {
        let now = context.store.clock()
        if entry.run == nil, entry.earliestCheck(at: now) > now {
            var after = entry.progress
            after.dueAt = entry.earliestCheck(at: now)
            _ = try await context.store.save(entry, after)
            return nil
        }
        do {
            let reader = WatchReader(catalogue: try context.catalogues.catalogue(of: entry.link))
            let page = try await reader.page(of: entry, entry.presentRun(at: now))
            try context.checkpoint(.read)
            let interval = interval(of: entry)
            return try await context.store.commit(entry) { [limits = context.limits] current, db in
                var step = WatchStep(current, limits, interval: interval, at: now)
                return try step.plan(page, db)
            }
        } catch let error as CatalogueError {
            try await handle(error, of: entry)
            return nil
        }
    }

    func refused(_ entry: WatchEntry, because problem: TaskProblem) -> WatchProgress {
        let now = context.store.clock()
        var after = entry.progress
        after.run = entry.presentRun(at: now)
        after.failRun(problem, at: now, interval: interval(of: entry))
        return after
    }

    func didEnd(_ before: WatchEntry, _ after: WatchEntry) {
        guard let run = after.run ?? after.lastRun, run.counts.enqueued > before.run?.counts.enqueued ?? 0 else {
            return
        }
        context.logger.log(
            event: .watchlistFound, "a check found new tracks",
            metadata: [
                "artist_key": .string(after.key), LogKey.batchID: .string(run.batchID),
                "enqueued": .stringConvertible(run.counts.enqueued),
            ])
    }

    private func interval(of entry: WatchEntry) -> Duration {
        .seconds(max(Double(entry.terms.interval) * jitter(), Double(entry.terms.cooldown)))
    }

    private func handle(_ error: CatalogueError, of entry: WatchEntry) async throws {
        let problem = TaskProblem(code: error.code, message: error.description)
        var after = entry.progress
        switch error.remedy(after: entry.failures, at: context.store.clock()) {
        case .wait(let until, let failures):
            after.problem = problem
            after.dueAt = until
            after.failures = failures
        case .giveUp: after = refused(entry, because: problem)
        }
        guard let saved = try await context.store.save(entry, after), entry.problem?.code != error.code else { return }
        context.logger.log(
            event: .watchlistWaiting, level: .notice, "a watched artist or playlist could not be checked",
            metadata: [
                "artist_key": .string(entry.key), LogKey.until: .string(saved.dueAt.description),
                LogKey.code: .string(error.code), LogKey.error: .string(error.description),
            ])
    }
}
