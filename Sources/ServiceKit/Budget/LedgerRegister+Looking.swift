import AMQP
import Contracts
import Foundation

// One look into the queue: all that happens between taking the turn and giving it back.
extension LedgerRegister {
    enum Look<Value: Sendable>: Sendable {
        case done(Value)
        /// Somebody else has it, or it is lost.
        case noTurn(nothingElse: Bool)
        /// Nothing was changed that counts.
        case again
    }

    func look<Value: Sendable>(
        _ search: inout LedgerSearch, _ body: (inout BudgetLedger) -> Value
    ) async throws -> Look<Value> {
        try await reading.inspect(queue.name) { inspection in
            var hand = try await LedgerHand.take(inspection)
            guard !hand.turns.isEmpty else { return .noTurn(nothingElse: hand.isEmpty) }
            search.hasTurn()
            hand.keepOneTurn()
            guard isSettled(hand), var ledger = try await ledger(&hand, inspection, &search) else { return .again }
            return try await change(&ledger, hand, inspection, body)
        }
    }

    /// A turn from the future was made by a clock that runs ahead; it is as good as an old one.
    private func isSettled(_ hand: LedgerHand) -> Bool {
        guard let age = hand.turnAge(at: .now), age > .zero - timing.settle else { return true }
        return age >= timing.settle
    }

    /// All that is known of what was used; `nil` when the ledger is somewhere else for the moment.
    private func ledger(
        _ hand: inout LedgerHand, _ look: Inspection, _ search: inout LedgerSearch
    ) async throws -> BudgetLedger? {
        if hand.ledgers.isEmpty { try await hand.takeMore(look) }
        var ledger = BudgetLedger(provider: provider)
        guard !hand.ledgers.isEmpty else { return try await lostOrNew(ledger, &search) }
        for delivery in hand.ledgers {
            if let known = BudgetLedger(delivery.message.body) { ledger.merge(known) } else { spend(&ledger) }
        }
        return ledger
    }

    /// Only who holds the turn decides this, so that no two do.
    private func lostOrNew(_ empty: BudgetLedger, _ search: inout LedgerSearch) async throws -> BudgetLedger? {
        var ledger = empty
        if search.missesLedger() {
            try await open()
            spend(&ledger)
            return ledger
        }
        guard !memory.hasSeenLedger, try await !wasOpened() else { return nil }
        try await open()
        return ledger
    }

    /// Nobody knows what was used: nothing more until all of it would be over.
    private func spend(_ ledger: inout BudgetLedger) {
        let until = now() + limits.horizon
        ledger.block(until: until, because: "the record of what was used was lost")
        logLost(until: until)
    }

    private func change<Value: Sendable>(
        _ ledger: inout BudgetLedger, _ hand: LedgerHand, _ look: Inspection,
        _ body: (inout BudgetLedger) -> Value
    ) async throws -> Look<Value> {
        let found = ledger
        let time = now()
        memory.complete(&ledger, at: time)
        ledger.prune(limits, at: time)
        let known = Set(ledger.uses.map(\.id))
        let value = body(&ledger)
        guard ledger.differs(from: found, limits, at: time) || hand.ledgers.count != 1 else {
            memory.note(ledger)
            return .done(value)
        }
        guard try await replace(hand, by: &ledger, look, known) else { return .again }
        memory.note(ledger)
        return .done(value)
    }

    /// Publishes the ledger and sees to it that it counts: the broker has it, the turn was not lost meanwhile, and
    /// nobody else has published with a second turn. Else what it permits is given up, and only counts as used.
    private func replace(
        _ hand: LedgerHand, by ledger: inout BudgetLedger, _ look: Inspection, _ known: Set<String>
    ) async throws -> Bool {
        ledger.generation += 1
        var counts = false
        defer { if !counts { giveUp(ledger, except: known) } }
        let message = Message(
            body: try ContractCoding.encode(ledger, sorted: true), properties: properties(MessageType.budget))
        try await publishing.publish(message, to: "", key: queue.name, timeout: timing.publishTimeout)
        counts = try await isAlone(message, look)
        if counts { hand.dropReplaced() }
        return counts
    }

    /// Whether a message is all that became ready since the turn was taken. Somebody who looks for the turn may hold it
    /// for a moment.
    private func isAlone(_ message: Message, _ look: Inspection) async throws -> Bool {
        var later = LedgerHand()
        for _ in 0..<50 {
            try await later.takeMore(look)
            if later.messageIDs.contains(message.properties.messageID) { break }
            try await Task.sleep(for: .milliseconds(4))
        }
        return later.messageIDs == [message.properties.messageID]
    }

    private func giveUp(_ ledger: BudgetLedger, except known: Set<String>) {
        let forgetAt = now() + limits.lease
        for use in ledger.uses where !known.contains(use.id) { memory.end(use.id, began: nil, forgetAt: forgetAt) }
    }
}

extension BudgetLedger {
    /// Whether it says something that the other does not, apart from what is over.
    fileprivate func differs(from other: BudgetLedger, _ limits: BudgetLimits, at now: Timestamp) -> Bool {
        var other = other
        other.prune(limits, at: now)
        return self != other
    }
}
