import Contracts
import Synchronization

/// A semaphore that bounds the running jobs. A waiting job of a higher class is served first, in the order of arrival
/// within a class.
///
/// A cluster has one queue for each class and delivers from all of them, so the order is made here.
final class PrioritySemaphore: Sendable {
    private struct State {
        var free: Int
        var waiting: [[CheckedContinuation<Void, Never>]] = PriorityClass.allCases.map { _ in [] }
    }

    private let state: Mutex<State>

    init(_ count: Int) { state = Mutex(State(free: count)) }

    /// The number of callers that wait.
    var waitingCount: Int { state.withLock { $0.waiting.reduce(0) { $0 + $1.count } } }

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
