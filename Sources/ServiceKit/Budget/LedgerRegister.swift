import AMQP
import Contracts
import Foundation
import Logging

/// A provider's ledger in the broker, changed by one process at a time.
///
/// Its queue holds two messages at rest: the turn and the ledger. Who changes the ledger takes the turn, replaces the
/// ledger, and gives the turn back. The turn is what makes that safe: a message that is published before the old one is
/// acknowledged leaves both when the process dies between, and the old one comes back whenever the broker notices. The
/// next holder of the turn takes all there are and unites them. Both lie in one queue, since a queue takes back all that
/// a dead holder had in one step.
final class LedgerRegister: Sendable {
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
    let queue: QueueDeclaration
    let reading: AMQPConnection
    let publishing: AMQPConnection
    let memory = LedgerMemory()
    let timing: Timing
    let now: @Sendable () -> Timestamp
    let logger: Logger
    /// Callers of one process do not fight for the turn.
    private let place = Slots(1)

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
        queue = Topology(queueType).budget(provider)
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
            case .noTurn(let nothingElse): try await missedTurn(&search, nothingElse: nothingElse)
            case .again: break
            }
        } catch let error as AMQPError where error.code == .notFound {
            try await reading.keep([declaration])
        } catch let error as AMQPError where error.code == .staleDelivery {
            try await reading.waitUntilOpen(timeout: timing.openTimeout)
        }
        return nil
    }

    /// A turn is made where there is none: at once on a broker that never had one, else when it is lost.
    private func missedTurn(_ search: inout LedgerSearch, nothingElse: Bool) async throws {
        let isLost = search.missesTurn(nothingElse: nothingElse)
        var isNew = false
        if nothingElse, !memory.hasSeenLedger, !search.hasAskedForOpening {
            search.hasAskedForOpening = true
            isNew = try await !wasOpened()
        }
        guard isLost || isNew else { return }
        let turn = Message(
            body: try ContractCoding.encode(BudgetTurn()), properties: properties(MessageType.budgetTurn))
        try await publishing.publish(turn, to: "", key: queue.name, timeout: timing.publishTimeout)
    }
}

// MARK: - The broker

extension LedgerRegister {
    var declaration: Declaration { .queue(queue.name, arguments: FieldTable(queue.arguments)) }

    private var opening: Declaration {
        .exchange(ExchangeName.openedBudget(provider), type: ExchangeDeclaration.Kind.fanout.rawValue)
    }

    /// Whether this budget was ever used on this broker.
    func wasOpened() async throws(AMQPError) -> Bool { try await reading.compare(opening) != .missing }

    /// Notes in the broker that this budget is in use; before its first permit.
    func open() async throws(AMQPError) { try await reading.keep([declaration, opening]) }

    func properties(_ type: String) -> MessageProperties {
        var properties = MessageProperties()
        properties.messageID = UUID().uuidString.lowercased()
        properties.contentType = "application/json"
        properties.type = type
        properties.timestamp = UInt64(Date().timeIntervalSince1970)
        return properties
    }

    func logLost(until: Timestamp) {
        logger.log(
            event: .budgetLost, level: .warning,
            "what was used of a provider is not known any more; its budget counts as spent",
            metadata: [LogKey.provider: .string(provider), LogKey.until: .string(until.description)])
    }
}
