public import AMQP
public import Contracts
import Foundation
public import Logging
import Synchronization

/// The request budget of a provider, shared by all processes.
///
/// The ledger is in the broker (`hdm.budget.<provider>`), and each request is recorded before it is sent. If a process
/// dies, the broker restarts or the ledger is lost, fewer requests are sent than allowed, never more. A process needs one
/// value for each provider.
public final class ProviderBudget: Sendable {
    public let provider: String
    public let limits: BudgetLimits
    let store: BudgetLedgerStore
    let clock: BudgetClock
    let logger: Logger
    private let metrics: BudgetMetrics
    /// The future times that refused callers were given.
    let announced = Mutex<[Timestamp]>([])

    /// - Parameter publishing: another connection than `reading`: a broker under a memory alarm stops reading from
    ///   connections that publish.
    public convenience init(
        _ provider: String, _ limits: BudgetLimits, reading: AMQPConnection, publishing: AMQPConnection,
        queueType: QueueType, clock: BudgetClock = .system, logger: Logger
    ) {
        self.init(
            provider, limits, reading: reading, publishing: publishing, queueType: queueType, clock: clock,
            timing: BudgetLedgerStore.Timing(), logger: logger)
    }

    /// Creates the budget of a service.
    public convenience init(_ provider: String, _ limits: BudgetLimits, _ runtime: ServiceRuntime) {
        self.init(
            provider, limits, reading: runtime.consuming, publishing: runtime.publishing,
            queueType: runtime.settings.queueType, clock: .system, timing: BudgetLedgerStore.Timing(),
            isSuspended: { [pauses = runtime.pauses] in pauses.isUpgrading }, logger: runtime.logger)
    }

    init(
        _ provider: String, _ limits: BudgetLimits, reading: AMQPConnection, publishing: AMQPConnection,
        queueType: QueueType, clock: BudgetClock, timing: BudgetLedgerStore.Timing,
        isSuspended: @escaping @Sendable () -> Bool = { false }, logger: Logger
    ) {
        self.provider = provider
        self.limits = limits
        self.clock = clock
        self.logger = logger
        metrics = BudgetMetrics(provider: provider)
        store = BudgetLedgerStore(
            provider, limits, reading: reading, publishing: publishing, queueType: queueType, timing: timing,
            isSuspended: isSuspended, now: clock.now, logger: logger)
    }

    /// Sends one request when the limits allow it.
    ///
    /// A request that fails counts as well. It must end within ``BudgetLimits/lease``. In addition to `patience`, the
    /// call may need half a minute if the ledger was lost.
    /// - Parameters:
    ///   - patience: the longest time to wait for a permit.
    ///   - body: sends the request.
    /// - Throws: ``BudgetExhausted`` when the limits do not allow the request in time; `AMQPError` when the broker does
    ///   not respond or confirm; and the errors of `body`.
    public func withPermit<Value>(patience: Duration, _ body: () async throws -> Value) async throws -> Value {
        let requested = clock.now()
        let id: String
        do {
            id = try await permit(until: requested + patience)
        } catch {
            metrics.ended(error is BudgetExhausted ? .exhausted : .failed, after: clock.now().since(requested))
            throw error
        }
        let began = clock.now()
        metrics.ended(.granted, after: began.since(requested))
        do {
            let value = try await body()
            await end(id, began: began)
            return value
        } catch {
            await end(id, began: began)
            throw error
        }
    }

    /// Blocks the provider for all processes until a time, because it does not accept requests (`Retry-After`, 429, a
    /// ban). A shorter block does not end a longer one.
    /// - Parameter reason: for people; cut to 200 characters.
    /// - Throws: `AMQPError` when the broker does not confirm the block.
    public func block(until: Timestamp, because reason: String) async throws {
        try await store.change { $0.block(until: until, because: String(reason.prefix(200))) }
        logger.log(
            event: .budgetBlocked, level: .warning, "a provider does not accept requests for a time",
            metadata: [
                LogKey.provider: .string(provider), LogKey.until: .string(until.description),
                LogKey.error: .string(String(reason.prefix(200))),
            ])
    }

    /// Returns how much of the budget is used now.
    /// - Throws: `AMQPError` when the broker does not respond.
    public func status() async throws -> BudgetStatus {
        let now = clock.now()
        return try await store.change { BudgetStatus($0, limits, at: now) }
    }
}
