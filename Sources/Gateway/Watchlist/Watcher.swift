import Contracts
import Logging
import Metadata
import ServiceKit

/// Looks at what is watched when it is due, and makes jobs of what is new.
struct Watcher: LeasedTask {
    static let table = LeasedTable.watchlist

    let store: JobStore
    let catalogues: Catalogues
    let limits: IntakeLimits
    /// Raised when there are new jobs.
    let outbox: WakeSignal
    let worker: String
    let logger: Logger
    /// By what an interval is multiplied, so that not all looks come at once.
    var jitter: @Sendable () -> Double = { Double.random(in: 0.95...1.05) }

    func take() async throws -> WatchEntry? {
        try await store.lease(from: Self.table, to: worker) { try WatchEntry($0) }
    }

    func number(of entry: WatchEntry) -> Int64 { entry.number }

    func step(_ entry: WatchEntry) async throws {
        do {
            let reader = WatchReader(catalogue: try catalogues.catalogue(of: entry.link))
            let page = try await reader.page(of: entry, entry.presentRun(at: store.clock()))
            try await keep(page, of: entry)
        } catch let error as CatalogueError {
            try await settle(entry, error)
        }
    }

    private func keep(_ page: WatchPage, of entry: WatchEntry) async throws {
        let run = try await store.keep(page, of: entry, pause: pause(of: entry), limits: limits, worker: worker)
        guard let run, run.counts.enqueued > entry.run?.counts.enqueued ?? 0 else { return }
        outbox.raise()
        logger.log(
            event: .watchlistFound, "something new was found",
            metadata: [
                "artist_key": .string(entry.key), LogKey.batchID: .string(run.batchID),
                "enqueued": .stringConvertible(run.counts.enqueued),
            ])
    }

    private func pause(of entry: WatchEntry) -> Duration { .seconds(Double(entry.terms.interval) * jitter()) }

    private func settle(_ entry: WatchEntry, _ error: CatalogueError) async throws {
        let now = store.clock()
        var after = entry
        after.problem = Expansion.Problem(code: error.code, message: error.description)
        switch error.remedy(after: entry.failures, at: now) {
        case .wait(let until, let failures):
            after.dueAt = until
            after.failures = failures
        case .giveUp:
            after.run = entry.presentRun(at: now)
            // Nothing was learned: the next look is as the first one would have been.
            after.end(at: now, pause: pause(of: entry))
            after.runs = entry.runs
            after.snapshot = entry.snapshot
            after.failures = 0
        }
        guard try await store.save(after), entry.problem?.code != error.code else { return }
        logger.log(
            event: .watchlistWaiting, level: .notice, "what is watched could not be looked at",
            metadata: [
                "artist_key": .string(entry.key), LogKey.until: .string(after.dueAt.description),
                LogKey.code: .string(error.code), LogKey.error: .string(error.description),
            ])
    }
}
