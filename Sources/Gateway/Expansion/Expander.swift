import Contracts
import Logging
import Metadata
import ServiceKit

/// Makes jobs of links.
struct Expander: LeasedTask {
    static let table = LeasedTable.expansions

    let store: JobStore
    let catalogues: Catalogues
    let limits: IntakeLimits
    /// Raised when there are new jobs.
    let outbox: WakeSignal
    let worker: String
    let logger: Logger

    func take() async throws -> Expansion? {
        try await store.lease(from: Self.table, to: worker) { try Expansion($0) }
    }

    func number(of expansion: Expansion) -> Int64 { expansion.number }

    func step(_ expansion: Expansion) async throws {
        if let expiry = expansion.plan.expiresAt, expiry <= store.clock() {
            return try await fail(expansion, "expired", "the submission's expires_at has passed")
        }
        do {
            let reader = ExpansionReader(catalogue: try catalogues.catalogue(of: expansion.link))
            let page = try await reader.page(of: expansion.link, at: expansion.cursor)
            try await keep(page, of: expansion)
        } catch let error as CatalogueError {
            try await settle(expansion, error)
        }
    }

    private func keep(_ page: ExpansionPage, of expansion: Expansion) async throws {
        guard let after = try await store.keep(page, of: expansion, limits: limits, worker: worker) else { return }
        if after.counts.enqueued > expansion.counts.enqueued { outbox.raise() }
        if after.state == .completed { report(after, .expansionCompleted, "a link was read to its end") }
    }

    // MARK: - When the catalogue has no answer

    private func settle(_ expansion: Expansion, _ error: CatalogueError) async throws {
        switch error.remedy(after: expansion.failures, at: store.clock()) {
        case .wait(let until, let failures): try await wait(expansion, until: until, error, failures: failures)
        case .giveUp: try await fail(expansion, error.code, error.description)
        }
    }

    private func wait(
        _ expansion: Expansion, until: Timestamp, _ error: CatalogueError, failures: Int
    ) async throws {
        var after = expansion
        after.state = .waiting
        after.dueAt = until
        after.failures = failures
        after.problem = Expansion.Problem(code: error.code, message: error.description)
        guard try await store.save(after), expansion.problem?.code != error.code else { return }
        report(after, .expansionWaiting, "a link waits")
    }

    private func fail(_ expansion: Expansion, _ code: String, _ message: String) async throws {
        var after = expansion
        after.state = .failed
        after.problem = Expansion.Problem(code: code, message: message)
        guard try await store.save(after) else { return }
        report(after, .expansionFailed, "a link cannot be read")
    }

    private func report(_ expansion: Expansion, _ event: LogEventName, _ message: Logger.Message) {
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
        logger.log(event: event, level: event == .expansionFailed ? .warning : .info, message, metadata: metadata)
    }
}
