import AMQP
import Contracts
import Foundation

// One look: all that happens between taking the turn and giving it back.
extension BudgetLedgerStore {
    enum Look<Value: Sendable>: Sendable {
        case done(Value)
        /// Somebody else has it, or it is lost.
        case noLock
        /// Nothing was changed that counts.
        case again
    }

    func look<Value: Sendable>(
        _ search: inout LedgerSearch, _ body: (inout BudgetLedger) -> Value
    ) async throws -> Look<Value> {
        try await reading.inspect(queues.lock.name) { lockLook in
            var locks = HeldMessages(of: MessageType.budgetLock)
            try await locks.take(lockLook)
            locks.keep { $0.lockMadeAt }
            guard let lock = locks.messages.first else { return .noLock }
            search.foundTurn()
            guard isSettled(lock) else { return .again }
            return try await reading.inspect(queues.ledger.name) { look in
                var hand = HeldMessages(of: MessageType.budget)
                try await hand.take(look)
                guard var ledger = ledger(hand, &search) else { return .again }
                return try await change(&ledger, hand, look, body)
            }
        }
    }

    /// A turn from the future was made by a clock that runs ahead; it is as good as an old one.
    private func isSettled(_ lock: Delivery) -> Bool {
        let age = Timestamp.now.since(lock.lockMadeAt)
        return age >= timing.settle || age < .zero - timing.settle
    }

    /// All that is known of what was used; `nil` when the ledger is somewhere else for the moment.
    private func ledger(_ hand: HeldMessages, _ search: inout LedgerSearch) -> BudgetLedger? {
        var ledger = BudgetLedger(provider: provider)
        if hand.messages.isEmpty {
            // Only who holds the turn decides this, so that no two do.
            guard search.missedLedger() else { return nil }
            spend(&ledger)
        }
        for delivery in hand.messages {
            if let known = BudgetLedger(delivery.message.body) { ledger.merge(known) } else { spend(&ledger) }
        }
        return ledger
    }

    private func change<Value: Sendable>(
        _ ledger: inout BudgetLedger, _ hand: HeldMessages, _ look: Inspection,
        _ body: (inout BudgetLedger) -> Value
    ) async throws -> Look<Value> {
        let found = ledger
        let time = now()
        memory.complete(&ledger, at: time)
        ledger.prune(limits, at: time)
        let known = Set(ledger.uses.map(\.id))
        let value = body(&ledger)
        guard ledger.differs(from: found, limits, at: time) || hand.messages.count != 1 else {
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
        _ hand: HeldMessages, by ledger: inout BudgetLedger, _ look: Inspection, _ known: Set<String>
    ) async throws -> Bool {
        ledger.generation += 1
        var counts = false
        defer { if !counts { giveUp(ledger, except: known) } }
        let message = try message(ledger)
        try await publish(message, to: queues.ledger)
        counts = try await isAlone(message, look)
        if counts { hand.dropAll() }
        return counts
    }

    /// Whether a message is all that became ready since the turn was taken. Somebody who looks at the queue from outside
    /// may hold it for a moment.
    private func isAlone(_ message: Message, _ look: Inspection) async throws -> Bool {
        var later = HeldMessages(of: MessageType.budget)
        for _ in 0..<50 {
            try await later.take(look)
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
