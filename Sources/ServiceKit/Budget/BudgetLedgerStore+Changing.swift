import AMQP
import Contracts
import Foundation

// One attempt at a change, between taking the lock and returning it.
extension BudgetLedgerStore {
    enum ChangeResult<Value: Sendable>: Sendable {
        case done(Value)
        /// Another process holds the lock, or it is lost.
        case noLock
        /// No change took effect; the attempt has to be repeated.
        case `repeat`
    }

    func changeOnce<Value: Sendable>(
        _ search: inout LedgerSearch, _ body: (inout BudgetLedger) -> Value
    ) async throws -> ChangeResult<Value> {
        try await reading.inspect(queues.lock.name) { lockQueue in
            var locks = HeldMessages(of: MessageType.budgetLock)
            try await locks.readAll(lockQueue)
            locks.keepFirst { $0.lockMadeAt }
            guard let lock = locks.messages.first else { return .noLock }
            search.foundLock()
            guard isUsable(lock) else { return .repeat }
            return try await reading.inspect(queues.ledger.name) { ledgerQueue in
                var held = HeldMessages(of: MessageType.budget)
                try await held.readAll(ledgerQueue)
                guard var ledger = ledger(held, &search) else { return .repeat }
                return try await change(&ledger, held, ledgerQueue, body)
            }
        }
    }

    /// Whether a lock is old enough. A lock from the future comes from a clock that is ahead, and counts as old.
    private func isUsable(_ lock: Delivery) -> Bool {
        let age = Timestamp.now.since(lock.lockMadeAt)
        return age >= timing.settle || age < .zero - timing.settle
    }

    /// Merges all ledgers that are held.
    /// - Returns: `nil` when there is none at the moment.
    private func ledger(_ held: HeldMessages, _ search: inout LedgerSearch) -> BudgetLedger? {
        var ledger = BudgetLedger(provider: provider)
        if held.messages.isEmpty {
            // Only the holder of the lock decides that the ledger is lost, so that no two processes do.
            guard search.missedLedger() else { return nil }
            markSpent(&ledger)
        }
        for delivery in held.messages {
            if let stored = BudgetLedger(delivery.message.body) { ledger.merge(stored) } else { markSpent(&ledger) }
        }
        return ledger
    }

    private func change<Value: Sendable>(
        _ ledger: inout BudgetLedger, _ held: HeldMessages, _ queue: Inspection,
        _ body: (inout BudgetLedger) -> Value
    ) async throws -> ChangeResult<Value> {
        let stored = ledger
        let time = now()
        memory.complete(&ledger, at: time)
        ledger.prune(limits, at: time)
        let known = Set(ledger.uses.map(\.id))
        let value = body(&ledger)
        guard ledger.differs(from: stored, limits, at: time) || held.messages.count != 1 else {
            memory.record(ledger)
            return .done(value)
        }
        guard try await replace(held, with: &ledger, queue, known) else { return .repeat }
        memory.record(ledger)
        return .done(value)
    }

    /// Publishes the ledger and verifies that it takes effect: the broker has it, the lock was not lost in between, and
    /// no other holder of a lock has published. Otherwise the new uses are withdrawn; until then they count as used.
    private func replace(
        _ held: HeldMessages, with ledger: inout BudgetLedger, _ queue: Inspection, _ known: Set<String>
    ) async throws -> Bool {
        ledger.generation += 1
        var isEffective = false
        defer { if !isEffective { withdraw(ledger, except: known) } }
        let message = try message(ledger)
        try await publish(message, to: queues.ledger)
        isEffective = try await isAlone(message, queue)
        if isEffective { held.acknowledgeAll() }
        return isEffective
    }

    /// Whether a message is the only one that became ready since the lock was taken. Another client that reads the queue
    /// may hold it for a moment.
    private func isAlone(_ message: Message, _ queue: Inspection) async throws -> Bool {
        var later = HeldMessages(of: MessageType.budget)
        for _ in 0..<50 {
            try await later.readAll(queue)
            if later.messageIDs.contains(message.properties.messageID) { break }
            try await Task.sleep(for: .milliseconds(4))
        }
        return later.messageIDs == [message.properties.messageID]
    }

    private func withdraw(_ ledger: BudgetLedger, except known: Set<String>) {
        let forgetAt = now() + limits.lease
        for use in ledger.uses where !known.contains(use.id) { memory.end(use.id, began: nil, forgetAt: forgetAt) }
    }
}

extension BudgetLedger {
    /// Whether this ledger has other content than `other`, apart from uses that no longer count.
    fileprivate func differs(from other: BudgetLedger, _ limits: BudgetLimits, at now: Timestamp) -> Bool {
        var other = other
        other.prune(limits, at: now)
        return self != other
    }
}
