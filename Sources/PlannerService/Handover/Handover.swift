import Contracts
import Logging
import ServiceKit
import ServiceLifecycle
import Synchronization

/// Copies the planning tables of an older gateway at the first start. The planner does nothing else before that.
///
/// Resumable: each page and the position of the next one are stored in one transaction. The gateway deletes nothing; it is
/// informed when everything is copied.
final class Handover: Service {
    private static let pageSize = 500

    private let store: PlannerStore
    private let source: any HandoverSource
    private let logger: Logger
    private let retryInterval: Duration
    /// Runs when the handover is complete.
    private let didComplete: @Sendable () async -> Void
    private let state: Mutex<State>

    private struct State {
        var isComplete = false
        var problem = "it has not begun"
    }

    init(
        _ store: PlannerStore, _ source: any HandoverSource, logger: Logger, retryInterval: Duration = .seconds(2),
        didComplete: @escaping @Sendable () async -> Void = {}
    ) {
        self.store = store
        self.source = source
        self.logger = logger
        self.retryInterval = retryInterval
        self.didComplete = didComplete
        state = Mutex(State())
    }

    var isComplete: Bool { state.withLock(\.isComplete) }

    /// The readiness check.
    func check() -> CheckResult {
        state.withLock { state in
            state.isComplete
                ? .ok : .failing("the tables of the gateway are not copied yet: \(state.problem)")
        }
    }

    func run() async throws {
        await cancelWhenGracefulShutdown { await self.retryUntilComplete() }
        try? await gracefulShutdown()
    }

    private func retryUntilComplete() async {
        while !Task.isCancelled {
            do {
                try await copyAll()
                state.withLock { $0.isComplete = true }
                await didComplete()
                return
            } catch {
                report(error)
                try? await Task.sleep(for: retryInterval)
            }
        }
    }

    private func report(_ error: any Error) {
        let isNew = state.withLock { state in
            defer { state.problem = "\(error)" }
            return state.problem != "\(error)"
        }
        guard isNew, !(error is CancellationError) else { return }
        logger.log(
            event: .workerFailed, level: .warning, "the handover from the gateway failed; trying again",
            metadata: [LogKey.error: .string("\(error)")])
    }

    private func log(_ skipped: [SkippedHandoverRow], _ table: HandoverTable) {
        for row in skipped {
            logger.log(
                event: .workerFailed, level: .error, "a row of the gateway cannot be copied and was skipped",
                metadata: [
                    "table": .string(table.rawValue), "row": .stringConvertible(row.rowid),
                    LogKey.error: .string(row.problem),
                ])
        }
    }

    /// Copies what is left, and informs the gateway.
    func copyAll() async throws {
        guard try await !store.isHandoverComplete() else { return }
        for table in HandoverTable.allCases {
            while let position = try await store.handoverPosition(of: table) {
                let page = try await source.page(of: table, after: position, limit: Self.pageSize)
                log(try await store.copy(page, of: table, after: position) ?? [], table)
            }
        }
        try await source.complete()
        try await store.completeHandover()
    }
}

/// Where the rows of an older gateway come from.
protocol HandoverSource: Sendable {
    /// - Throws: ``ServiceRequestError``.
    func page(of table: HandoverTable, after position: Int64, limit: Int) async throws -> HandoverPage
    /// Informs the gateway that everything is copied. A repetition has no effect.
    /// - Throws: ``ServiceRequestError``.
    func complete() async throws
}

/// The gateway over HTTP.
struct HandoverClient: HandoverSource {
    let requests: ServiceRequests

    /// The limit of a page, in bytes. The gateway sends small pages, but a page has at least one row, and a row can hold
    /// a cursor of many megabytes.
    private static let maxPageBytes = 512 << 20
    private static let timeout: Duration = .seconds(300)

    func page(of table: HandoverTable, after position: Int64, limit: Int) async throws -> HandoverPage {
        try await requests.get(
            "/api/v1/internal/handover/\(table.rawValue)?after=\(position)&limit=\(limit)",
            maxBytes: Self.maxPageBytes, timeout: Self.timeout)
    }

    func complete() async throws { try await requests.post("/api/v1/internal/handover/complete") }
}
