import Contracts
import ServiceKit
import Synchronization

/// A clock that stops while one of its participants works. When all of them sleep, it moves to the next wake-up.
final class VirtualTime: Sendable {
    private struct State {
        var now = Timestamp("2026-01-31T08:00:00Z") ?? .now
        var participants = 0
        var sleepers: [Sleeper] = []
    }

    private struct Sleeper {
        let wakes: Timestamp
        let continuation: CheckedContinuation<Void, Never>
    }

    private let state = Mutex(State())

    var now: Timestamp { state.withLock { $0.now } }

    var clock: BudgetClock {
        BudgetClock(now: { self.now }, sleep: { await self.sleep($0) })
    }

    /// Becomes a participant before the body starts, so that the clock does not move on.
    func join() { state.withLock { $0.participants += 1 } }

    func leave() {
        advance { $0.participants -= 1 }
    }

    func sleep(_ span: Duration) async {
        await withCheckedContinuation { continuation in
            advance { $0.sleepers.append(Sleeper(wakes: $0.now + max(span, .zero), continuation: continuation)) }
        }
    }

    func sleep(until time: Timestamp) async { await sleep(time.since(now)) }

    private func advance(_ change: (inout State) -> Void) {
        let woken = state.withLock { state -> [Sleeper] in
            change(&state)
            guard state.sleepers.count >= state.participants, let next = state.sleepers.map(\.wakes).min() else {
                return []
            }
            state.now = max(state.now, next)
            let now = state.now
            defer { state.sleepers.removeAll { $0.wakes <= now } }
            return state.sleepers.filter { $0.wakes <= now }
        }
        for sleeper in woken { sleeper.continuation.resume() }
    }
}
