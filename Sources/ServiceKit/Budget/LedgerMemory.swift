import Contracts
import Synchronization

/// What this process knows of a ledger beside what the broker has.
final class LedgerMemory: Sendable {
    private struct State {
        /// The uses of the last ledger seen.
        var uses: [BudgetUse] = []
        var hasSeenLedger = false
        /// Requests of this process that have ended, until a ledger says so too.
        var ended: [String: Ended] = [:]
    }

    private struct Ended {
        let began: Timestamp?
        /// By then it counts as ended for everybody.
        let forgetAt: Timestamp
    }

    private let state = Mutex(State())

    /// Whether the broker had a ledger at any time in this process's life. Then an empty queue means that it is lost.
    var hasSeenLedger: Bool { state.withLock { $0.hasSeenLedger } }

    /// Adds what this process knows to a ledger. A ledger that came back from an older time, or was lost, so does not
    /// forget what was used.
    func complete(_ ledger: inout BudgetLedger, at now: Timestamp) {
        let (uses, ended) = state.withLock { state in
            state.ended = state.ended.filter { $0.value.forgetAt > now }
            return (state.uses, state.ended)
        }
        ledger.merge(uses)
        for (id, end) in ended { ledger.end(id, began: end.began) }
    }

    /// Notes a ledger that the broker has.
    func note(_ ledger: BudgetLedger) {
        state.withLock { state in
            state.uses = ledger.uses
            state.hasSeenLedger = true
        }
    }

    /// Notes that a request has ended or was never made.
    func end(_ id: String, began: Timestamp?, forgetAt: Timestamp) {
        state.withLock { $0.ended[id] = Ended(began: began, forgetAt: forgetAt) }
    }
}
