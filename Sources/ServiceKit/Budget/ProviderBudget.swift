public import AMQP
public import Contracts
import Foundation
public import Logging
import Synchronization

/// Keeps the requests of all processes to a limited provider within its limits, together.
///
/// What was used lies in the broker (`hdm.budget.<provider>`), where each request is written down before it is made: a
/// process that dies, a broker that restarts or a ledger that is lost make it ask less, never more. Make one for each
/// provider and process.
public final class ProviderBudget: Sendable {
    public let provider: String
    public let limits: BudgetLimits
    private let register: BudgetLedgerStore
    private let clock: BudgetClock
    private let logger: Logger
    private let metrics: BudgetMetrics
    /// The times for which callers were sent away, while they lie ahead.
    private let promises = Mutex<[Timestamp]>([])

    /// - Parameter publishing: apart from `reading`, since a broker under a memory alarm stops reading from connections
    ///   that publish.
    public convenience init(
        _ provider: String, _ limits: BudgetLimits, reading: AMQPConnection, publishing: AMQPConnection,
        queueType: QueueType, clock: BudgetClock = .system, logger: Logger
    ) {
        self.init(
            provider, limits, reading: reading, publishing: publishing, queueType: queueType, clock: clock,
            timing: BudgetLedgerStore.Timing(), logger: logger)
    }

    /// The budget of a service.
    public convenience init(_ provider: String, _ limits: BudgetLimits, _ runtime: ServiceRuntime) {
        self.init(
            provider, limits, reading: runtime.consuming, publishing: runtime.publishing,
            queueType: runtime.settings.queueType, logger: runtime.logger)
    }

    init(
        _ provider: String, _ limits: BudgetLimits, reading: AMQPConnection, publishing: AMQPConnection,
        queueType: QueueType, clock: BudgetClock, timing: BudgetLedgerStore.Timing, logger: Logger
    ) {
        self.provider = provider
        self.limits = limits
        self.clock = clock
        self.logger = logger
        metrics = BudgetMetrics(provider: provider)
        register = BudgetLedgerStore(
            provider, limits, reading: reading, publishing: publishing, queueType: queueType, timing: timing,
            now: clock.now, logger: logger)
    }

    /// Makes one request when the limits allow it, and waits for that up to `patience`.
    ///
    /// It counts also when it fails. It must end within ``BudgetLimits/lease``. Beside the patience it may take half a
    /// minute to find a ledger that was lost.
    /// - Throws: ``BudgetExhausted`` when it cannot be made in time; ``AMQPError`` when the broker is away or does not
    ///   confirm, for a later attempt; and what `body` throws.
    public func withPermit<Value>(patience: Duration, _ body: () async throws -> Value) async throws -> Value {
        let asked = clock.now()
        let id: String
        do {
            id = try await permit(until: asked + patience)
        } catch {
            metrics.ended(error is BudgetExhausted ? .exhausted : .failed, after: clock.now().since(asked))
            throw error
        }
        let began = clock.now()
        metrics.ended(.granted, after: began.since(asked))
        do {
            let value = try await body()
            await end(id, began: began)
            return value
        } catch {
            await end(id, began: began)
            throw error
        }
    }

    /// Notes that the provider itself takes no requests before a time: `Retry-After`, 429, a ban. For all processes; a
    /// shorter block does not end a longer one.
    /// - Parameter reason: for people; cut at 200 characters.
    /// - Throws: ``AMQPError`` when the broker does not confirm it.
    public func block(until: Timestamp, because reason: String) async throws {
        try await register.change { $0.block(until: until, because: String(reason.prefix(200))) }
        logger.log(
            event: .budgetBlocked, level: .warning, "a provider takes no requests for a time",
            metadata: [
                LogKey.provider: .string(provider), LogKey.until: .string(until.description),
                LogKey.error: .string(String(reason.prefix(200))),
            ])
    }

    /// What is used now.
    /// - Throws: ``AMQPError`` when the broker cannot be asked.
    public func status() async throws -> BudgetStatus {
        let now = clock.now()
        return try await register.change { BudgetStatus($0, limits, at: now) }
    }
}

// MARK: - Permits

extension ProviderBudget {
    private enum Answer: Sendable {
        case granted(String)
        case refused(BudgetObstacle, BudgetLedger)
    }

    /// - Returns: the id of a use that the broker has confirmed.
    private func permit(until deadline: Timestamp) async throws -> String {
        while true {
            switch try await ask() {
            case .granted(let id): return id
            case .refused(let obstacle, let ledger):
                guard let pause = pause(for: obstacle, until: deadline) else {
                    throw exhausted(obstacle.reason, ledger)
                }
                try await clock.sleep(pause)
            }
        }
    }

    private func ask() async throws -> Answer {
        try await register.change { ledger in
            let now = clock.now()
            if let obstacle = ledger.obstacle(limits, at: now) { return .refused(obstacle, ledger) }
            let id = String(UInt64.random(in: .min ... .max), radix: 16)
            ledger.add(id, limits, at: now)
            return .granted(id)
        }
    }

    /// How long to wait before asking again; `nil` when that would be too late.
    private func pause(for obstacle: BudgetObstacle, until deadline: Timestamp) -> Duration? {
        let now = clock.now()
        // A request in flight may end at any time.
        let pause: Duration =
            obstacle.reason == .concurrency ? .milliseconds(.random(in: 100...250)) : obstacle.until.since(now)
        return now + pause <= deadline ? max(pause, .milliseconds(1)) : nil
    }

    /// The n-th caller who is sent away is told when the n-th request from now may begin.
    private func exhausted(_ reason: BudgetExhausted.Reason, _ ledger: BudgetLedger) -> BudgetExhausted {
        let now = clock.now()
        let until = promises.withLock { promises in
            promises.removeAll { $0 <= now }
            let count = promises.count + 1
            var until = ledger.begin(ofRequest: count, limits, at: now)
            if reason == .concurrency { until = max(until, now + .seconds(count)) }
            promises.append(until)
            return until
        }
        let error = BudgetExhausted(provider: provider, until: until, reason: reason)
        logger.log(
            event: .budgetExhausted, level: .debug, "a provider's budget allows no request now",
            metadata: [
                LogKey.provider: .string(provider), LogKey.until: .string(until.description),
                LogKey.error: .string(reason.rawValue),
            ])
        return error
    }

    /// Gives the place back. When the broker is away, a later change does, or the lease runs out.
    private func end(_ id: String, began: Timestamp) async {
        register.memory.end(id, began: began, forgetAt: clock.now() + limits.horizon)
        // Not a part of the caller's task: a request that was cancelled gives its place back, too.
        await Task {
            do {
                try await register.change(urgently: true) { _ in }
            } catch {
                logger.debug(
                    "a request to a provider is noted as ended later",
                    metadata: [LogKey.provider: .string(provider)])
            }
        }.value
    }
}
