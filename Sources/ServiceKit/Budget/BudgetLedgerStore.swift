import AMQP
import Contracts
import Foundation
import Logging

/// The ledger of a provider, stored in a queue of the broker and changed by one process at a time.
///
/// A change takes these steps: hold the message of the lock queue, hold the ledger, publish the next ledger, acknowledge
/// the old one, return the lock. The lock is necessary: a process that dies after its publish leaves two ledgers, and the
/// broker returns the old one at any later time. Only the process that holds the lock touches ledgers, and it merges all
/// that there are. If two locks were created at the same time, each holder searches for the ledger of the other after its
/// own publish (``isAlone(_:_:)``), so that at most one of them grants a permit.
final class BudgetLedgerStore: Sendable {
    /// Times by the system's clock, as they concern the broker and not the budget.
    struct Timing: Sendable {
        /// When a missing message counts as lost. Longer than a host that has vanished can hold it.
        var lostAfter: Duration = .seconds(30)
        /// The age at which a lock may be used. By then, all but one of several new locks were dropped.
        var settle: Duration = .seconds(1)
        var publishTimeout: Duration = .seconds(10)
        var openTimeout: Duration = .seconds(5)
    }

    let provider: String
    let limits: BudgetLimits
    let queues: (ledger: QueueDeclaration, lock: QueueDeclaration)
    let reading: AMQPConnection
    let publishing: AMQPConnection
    let memory = LedgerMemory()
    let timing: Timing
    /// Whether `hdm topology upgrade` moves the ledger and the lock. A ledger that is published then could be lost with its
    /// queue.
    let isSuspended: @Sendable () -> Bool
    let now: @Sendable () -> Timestamp
    let logger: Logger
    private let messages = MessageBuilder(instance: "hdm")
    /// Serialises the callers of this process, so that they do not compete for the lock.
    private let gate = PrioritySemaphore(1)

    init(
        _ provider: String, _ limits: BudgetLimits, reading: AMQPConnection, publishing: AMQPConnection,
        queueType: QueueType, timing: Timing, isSuspended: @escaping @Sendable () -> Bool,
        now: @escaping @Sendable () -> Timestamp, logger: Logger
    ) {
        self.provider = provider
        self.limits = limits
        self.reading = reading
        self.publishing = publishing
        self.timing = timing
        self.isSuspended = isSuspended
        self.now = now
        self.logger = logger
        queues = Topology(queueType).budget(provider)
    }

    /// Passes the ledger to `body` and publishes the changed ledger.
    /// - Parameters:
    ///   - urgently: whether the call goes before waiting calls of this process.
    ///   - body: called again when its first change did not take effect.
    /// - Throws: `AMQPError` when the broker does not respond or confirm; then no permit was granted.
    func change<Value: Sendable>(
        urgently: Bool = false, _ body: (inout BudgetLedger) -> Value
    ) async throws -> Value {
        guard await gate.acquire(urgently ? .high : .middle, within: .seconds(60)) else {
            throw AMQPError(.timedOut, "other calls of this process used the provider's budget for a minute; try again")
        }
        defer { gate.release() }
        try await reading.waitUntilOpen(timeout: timing.openTimeout)
        var search = LedgerSearch(lostAfter: timing.lostAfter)
        while true {
            guard !isSuspended() else {
                throw AMQPError(.refused, "`hdm topology upgrade` moves the provider's budget; try again after its end")
            }
            if let value = try await tryChange(&search, body) { return value }
            try await Task.sleep(for: search.nextPause())
        }
    }

    private func tryChange<Value: Sendable>(
        _ search: inout LedgerSearch, _ body: (inout BudgetLedger) -> Value
    ) async throws -> Value? {
        do {
            switch try await changeOnce(&search, body) {
            case .done(let value): return value
            case .noLock: if search.missedLock() { try await createLock() }
            case .repeat: break
            }
        } catch let error as AMQPError where error.code == .notFound {
            try await createQueues()
        } catch let error as AMQPError where error.code == .staleDelivery {
            try await reading.waitUntilOpen(timeout: timing.openTimeout)
        }
        return nil
    }
}

// MARK: - The broker

extension BudgetLedgerStore {
    /// Creates the queues. If the lock queue did not exist either, the budget was never used on this broker: the ledger
    /// is then empty, unless this process has seen one before.
    private func createQueues() async throws {
        let lock = Declaration.queue(queues.lock.name, arguments: FieldTable(queues.lock.arguments))
        let isFirst = try await reading.compare(lock) == .missing
        try await reading.declare([.queue(queues.ledger.name, arguments: FieldTable(queues.ledger.arguments)), lock])
        guard isFirst else { return }
        var ledger = BudgetLedger(provider: provider)
        if memory.hasSeenLedger { markSpent(&ledger) }
        try await publish(try message(ledger), to: queues.ledger)
        try await createLock()
    }

    private func createLock() async throws {
        let body = try ContractCoding.encode(BudgetLock())
        let message = messages.message(body, type: MessageType.budgetLock, correlationID: nil)
        try await publish(message, to: queues.lock)
    }

    func message(_ ledger: BudgetLedger) throws -> Message {
        messages.message(
            try ContractCoding.encode(ledger, sorted: true), type: MessageType.budget, correlationID: nil)
    }

    func publish(_ message: Message, to queue: QueueDeclaration) async throws(AMQPError) {
        try await publishing.publish(message, to: "", key: queue.name, timeout: timing.publishTimeout)
    }

    /// Blocks the provider until every use that the lost ledger may have contained is over.
    func markSpent(_ ledger: inout BudgetLedger) {
        let until = now() + limits.horizon
        ledger.block(until: until, because: "the record of what was used was lost")
        logger.log(
            event: .budgetLost, level: .warning, "the ledger of a provider was lost; its budget counts as spent",
            metadata: [LogKey.provider: .string(provider), LogKey.until: .string(until.description)])
    }
}
