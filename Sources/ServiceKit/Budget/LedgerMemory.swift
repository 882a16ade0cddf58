import Contracts
import Synchronization

/// What this process has seen of a ledger, in addition to what the broker has.
final class LedgerMemory: Sendable {
    private struct State {
        /// The uses of the last ledger.
        var uses: [BudgetUse] = []
        var hasSeenLedger = false
        /// Requests of this process that have ended, until a ledger contains their end.
        var ended: [String: Ended] = [:]
    }

    private struct Ended {
        let began: Timestamp?
        /// When the use counts as ended in any case.
        let forgetAt: Timestamp
    }

    private let state = Mutex(State())

    /// Whether this process has seen a ledger. If so, an empty queue means that the ledger is lost.
    var hasSeenLedger: Bool { state.withLock { $0.hasSeenLedger } }

    /// Adds what this process has seen, so that an older ledger that returned, or a new one, does not lack a use.
    func complete(_ ledger: inout BudgetLedger, at now: Timestamp) {
        let (uses, ended) = state.withLock { state in
            state.ended = state.ended.filter { $0.value.forgetAt > now }
            return (state.uses, state.ended)
        }
        ledger.merge(uses)
        for (id, end) in ended { ledger.end(id, began: end.began) }
    }

    /// Records a ledger that the broker has.
    func record(_ ledger: BudgetLedger) {
        state.withLock { state in
            state.uses = ledger.uses
            state.hasSeenLedger = true
        }
    }

    /// Records that a request has ended or was never sent.
    func end(_ id: String, began: Timestamp?, forgetAt: Timestamp) {
        state.withLock { $0.ended[id] = Ended(began: began, forgetAt: forgetAt) }
    }
}
