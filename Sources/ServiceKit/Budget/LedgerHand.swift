import AMQP
import Contracts
import Foundation

/// What one look took out of a budget's queue. What is not acknowledged lies there again when the look ends.
struct LedgerHand: Sendable {
    private(set) var turns: [Delivery] = []
    private(set) var ledgers: [Delivery] = []
    private(set) var strangers: [Delivery] = []

    /// Takes all that is ready.
    static func take(_ look: Inspection) async throws(AMQPError) -> LedgerHand {
        var hand = LedgerHand()
        while let delivery = try await look.next() { hand.add(delivery) }
        return hand
    }

    /// Takes what has become ready since.
    mutating func takeMore(_ look: Inspection) async throws(AMQPError) {
        while let delivery = try await look.next() { add(delivery) }
    }

    private mutating func add(_ delivery: Delivery) {
        switch delivery.message.properties.type {
        case MessageType.budgetTurn: turns.append(delivery)
        case MessageType.budget: ledgers.append(delivery)
        default: strangers.append(delivery)
        }
    }

    var isEmpty: Bool { turns.isEmpty && ledgers.isEmpty && strangers.isEmpty }

    /// The names of all messages.
    var messageIDs: [String?] { (turns + ledgers + strangers).map(\.message.properties.messageID) }

    /// Keeps the oldest turn and drops the others.
    mutating func keepOneTurn() {
        let inOrder = turns.sorted { ($0.madeAt ?? .distantPast) < ($1.madeAt ?? .distantPast) }
        for extra in inOrder.dropFirst() { extra.ack() }
        turns = Array(inOrder.prefix(1))
    }

    /// The age of the turn it holds.
    func turnAge(at now: Timestamp) -> Duration? {
        turns.first.map { now.since($0.madeAt ?? .distantPast) }
    }

    /// Drops what the next ledger replaces, and what does not belong here.
    func dropReplaced() { for delivery in ledgers + strangers { delivery.ack() } }
}

extension Delivery {
    /// When a turn was made; `nil` when it does not say.
    fileprivate var madeAt: Timestamp? {
        (try? ContractCoding.decode(BudgetTurn.self, from: message.body))?.madeAt
    }
}

extension Timestamp {
    fileprivate static let distantPast = Timestamp(Date(timeIntervalSince1970: 0))
}

/// The right to replace a ledger (`contracts/schemas/budget-turn.schema.json`).
struct BudgetTurn: Codable, Sendable {
    var schema = "hdm.budget-turn/1"
    /// By the system's clock.
    var madeAt: Timestamp = .now

    enum CodingKeys: String, CodingKey {
        case schema
        case madeAt = "made_at"
    }
}
