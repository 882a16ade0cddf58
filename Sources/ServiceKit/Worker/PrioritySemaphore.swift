import Contracts
import Synchronization

/// The places in which jobs run. A job that waits for one goes before those of a lower class, as a cluster's class
/// queues hand out their messages side by side.
final class PrioritySemaphore: Sendable {
    private struct State {
        var free: Int
        var waiting: [[CheckedContinuation<Void, Never>]] = PriorityClass.allCases.map { _ in [] }
    }

    private let state: Mutex<State>

    init(_ count: Int) { state = Mutex(State(free: count)) }

    func acquire(_ priority: PriorityClass) async {
        await withCheckedContinuation { continuation in
            let isFree = state.withLock { state in
                guard state.free > 0 else {
                    state.waiting[priority.rank].append(continuation)
                    return false
                }
                state.free -= 1
                return true
            }
            if isFree { continuation.resume() }
        }
    }

    func release() {
        let next = state.withLock { state -> CheckedContinuation<Void, Never>? in
            guard let rank = state.waiting.firstIndex(where: { !$0.isEmpty }) else {
                state.free += 1
                return nil
            }
            return state.waiting[rank].removeFirst()
        }
        next?.resume()
    }
}

extension PriorityClass {
    fileprivate var rank: Int {
        switch self {
        case .high: 0
        case .middle: 1
        case .low: 2
        }
    }
}
