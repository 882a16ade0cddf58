import AMQP
import Contracts
import Foundation
import Logging

/// A provider's ledger in the broker, changed by one process at a time.
///
/// Who changes it takes the turn out of its queue, then the ledger; publishes the next ledger, acknowledges the old one,
/// and gives the turn back. Without the turn that would not be safe: a process that dies after publishing leaves both
/// ledgers, and the old one comes back whenever the broker notices, perhaps while somebody has the new one in hand. So
/// only who holds the turn touches ledgers: all that there are, united. Where two turns were made at once, each holder
/// looks for the other's ledger after publishing its own (``isAlone(_:_:)``), so that at most one of them permits.
final class BudgetLedgerStore: Sendable {
    /// Times by the system's clock: they are about the broker, not about the budget.
    struct Timing: Sendable {
        /// Longer than any hold, also by a host that has vanished.
        var lostAfter: Duration = .seconds(30)
        /// The age at which a turn is used: of several that were made at once, all but one are dropped by then.
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
    let now: @Sendable () -> Timestamp
    let logger: Logger
    /// Callers of one process do not fight for the turn.
    private let place = PrioritySemaphore(1)

    init(
        _ provider: String, _ limits: BudgetLimits, reading: AMQPConnection, publishing: AMQPConnection,
        queueType: QueueType, timing: Timing, now: @escaping @Sendable () -> Timestamp, logger: Logger
    ) {
        self.provider = provider
        self.limits = limits
        self.reading = reading
        self.publishing = publishing
        self.timing = timing
        self.now = now
        self.logger = logger
        queues = Topology(queueType).budget(provider)
    }

    /// Shows `body` the ledger and writes what it changes. `body` may run again, when the first time did not count.
    /// - Parameter urgently: before other callers of this process.
    /// - Throws: ``AMQPError`` when the broker cannot be asked or does not confirm: then nothing was permitted.
    func change<Value: Sendable>(
        urgently: Bool = false, _ body: (inout BudgetLedger) -> Value
    ) async throws -> Value {
        await place.acquire(urgently ? .high : .middle)
        defer { place.release() }
        try await reading.waitUntilOpen(timeout: timing.openTimeout)
        var search = LedgerSearch(lostAfter: timing.lostAfter)
        while true {
            if let value = try await tryChange(&search, body) { return value }
            try await Task.sleep(for: search.nextPause())
        }
    }

    private func tryChange<Value: Sendable>(
        _ search: inout LedgerSearch, _ body: (inout BudgetLedger) -> Value
    ) async throws -> Value? {
        do {
            switch try await look(&search, body) {
            case .done(let value): return value
            case .noLock: if search.missedTurn() { try await makeTurn() }
            case .again: break
            }
        } catch let error as AMQPError where error.code == .notFound {
            try await open()
        } catch let error as AMQPError where error.code == .staleDelivery {
            try await reading.waitUntilOpen(timeout: timing.openTimeout)
        }
        return nil
    }
}

// MARK: - The broker

extension BudgetLedgerStore {
    /// Makes the queues. Where even that of the turn is missing, the budget was never used on this broker: the ledger is
    /// an empty one, unless this process knows better.
    private func open() async throws {
        let lock = Declaration.queue(queues.lock.name, arguments: FieldTable(queues.lock.arguments))
        let isFirst = try await reading.compare(lock) == .missing
        try await reading.declare([.queue(queues.ledger.name, arguments: FieldTable(queues.ledger.arguments)), lock])
        guard isFirst else { return }
        var ledger = BudgetLedger(provider: provider)
        if memory.hasSeenLedger { spend(&ledger) }
        try await publish(try message(ledger), to: queues.ledger)
        try await makeTurn()
    }

    private func makeTurn() async throws {
        let body = try ContractCoding.encode(BudgetLock())
        try await publish(Message(body: body, properties: properties(MessageType.budgetLock)), to: queues.lock)
    }

    func message(_ ledger: BudgetLedger) throws -> Message {
        let body = try ContractCoding.encode(ledger, sorted: true)
        return Message(body: body, properties: properties(MessageType.budget))
    }

    func publish(_ message: Message, to queue: QueueDeclaration) async throws(AMQPError) {
        try await publishing.publish(message, to: "", key: queue.name, timeout: timing.publishTimeout)
    }

    /// Nobody knows what was used: nothing more until all of it would be over.
    func spend(_ ledger: inout BudgetLedger) {
        let until = now() + limits.horizon
        ledger.block(until: until, because: "the record of what was used was lost")
        logger.log(
            event: .budgetLost, level: .warning,
            "what was used of a provider is not known any more; its budget counts as spent",
            metadata: [LogKey.provider: .string(provider), LogKey.until: .string(until.description)])
    }

    private func properties(_ type: String) -> MessageProperties {
        var properties = MessageProperties()
        properties.messageID = UUID().uuidString.lowercased()
        properties.contentType = "application/json"
        properties.type = type
        properties.timestamp = UInt64(Date().timeIntervalSince1970)
        return properties
    }
}
