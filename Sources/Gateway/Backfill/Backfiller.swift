import Contracts
import Logging
import Metadata
import ServiceKit

/// Completes what is known, step by step.
struct Backfiller: LeasedTask {
    static let table = LeasedTable.backfills

    let store: JobStore
    let catalogues: Catalogues
    let library: any Library
    let limits: IntakeLimits
    /// Raised when there are new jobs.
    let outbox: WakeSignal
    let worker: String
    let logger: Logger

    func take() async throws -> Backfill? {
        try await store.lease(from: Self.table, to: worker) { try Backfill($0) }
    }

    func number(of backfill: Backfill) -> Int64 { backfill.number }

    func step(_ backfill: Backfill) async throws {
        do {
            try await goOn(backfill)
        } catch let error as CatalogueError {
            try await settle(backfill, error, code: error.code, "\(error)")
        } catch let error as LibraryError {
            try await settle(backfill, .unavailable(""), code: "library_unavailable", "\(error)")
        }
    }

    /// With Spotify; while nobody has signed in there, with MusicBrainz.
    private func goOn(_ backfill: Backfill) async throws {
        do {
            try await goOn(backfill, with: .spotify)
        } catch CatalogueError.signInNeeded where catalogues.musicBrainz != nil {
            try await goOn(backfill, with: .musicbrainz)
        }
    }

    private func goOn(_ backfill: Backfill, with kind: CatalogueLink.Catalogue) async throws {
        let catalogue = try catalogues.catalogue(kind)
        let page = try await BackfillReader(catalogue: catalogue, library: library, store: store).page(of: backfill)
        let after = try await store.keep(page, of: backfill, catalogue: kind, limits: limits, worker: worker)
        outbox.raise()
        if let after, after.state == .completed { report(after, .backfillCompleted, "a backfill is done") }
    }

    private func settle(_ backfill: Backfill, _ error: CatalogueError, code: String, _ message: String) async throws {
        var after = backfill
        after.problem = Expansion.Problem(code: code, message: message)
        switch error.remedy(after: backfill.failures, at: store.clock()) {
        case .wait(let until, let failures):
            after.dueAt = until
            after.failures = failures
        case .giveUp:
            after.state = .failed
        }
        guard try await store.save(after), backfill.problem?.code != code || after.state == .failed else { return }
        report(after, after.state == .failed ? .backfillFailed : .backfillWaiting, "a backfill cannot go on now")
    }

    private func report(_ backfill: Backfill, _ event: LogEventName, _ message: Logger.Message) {
        var metadata: Logger.Metadata = [
            "backfill_id": .string(backfill.id.text), "processed": .stringConvertible(backfill.counts.processed),
            "matched": .stringConvertible(backfill.counts.matched),
        ]
        if let problem = backfill.problem {
            metadata[LogKey.until] = .string(backfill.dueAt.description)
            metadata[LogKey.code] = .string(problem.code)
            metadata[LogKey.error] = .string(problem.message)
        }
        logger.log(event: event, level: event == .backfillFailed ? .warning : .info, message, metadata: metadata)
    }
}
