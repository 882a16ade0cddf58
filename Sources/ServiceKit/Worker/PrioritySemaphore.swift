import Contracts
import Synchronization

/// A semaphore that bounds the running jobs. A waiting job of a higher class is served first, in the order of arrival
/// within a class.
///
/// A cluster has one queue for each class and delivers from all of them, so the order is made here.
final class PrioritySemaphore: Sendable {
    private struct Waiter {
        let id: Int
        let continuation: CheckedContinuation<Bool, Never>
    }

    private struct State {
        var free: Int
        var waiting: [[Waiter]] = PriorityClass.allCases.map { _ in [] }
        var nextID = 0
    }

    private let state: Mutex<State>

    init(_ count: Int) { state = Mutex(State(free: count)) }

    /// The number of callers that wait.
    var waitingCount: Int { state.withLock { $0.waiting.reduce(0) { $0 + $1.count } } }

    /// Waits for a slot, which ``release()`` returns.
    /// - Returns: `false` when none became free in time.
    func acquire(_ priority: PriorityClass, within patience: Duration) async -> Bool {
        if tryAcquire() { return true }
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        let timer = Task {
            guard (try? await Task.sleep(for: patience)) != nil else { return }
            self.withdraw(id, priority)?.resume(returning: false)
        }
        defer { timer.cancel() }
        return await withCheckedContinuation { continuation in
            let isFree = state.withLock { state in
                guard state.free > 0 else {
                    state.waiting[priority.rank].append(Waiter(id: id, continuation: continuation))
                    return false
                }
                state.free -= 1
                return true
            }
            if isFree { continuation.resume(returning: true) }
        }
    }

    func release() {
        let next = state.withLock { state -> CheckedContinuation<Bool, Never>? in
            guard let rank = state.waiting.firstIndex(where: { !$0.isEmpty }) else {
                state.free += 1
                return nil
            }
            return state.waiting[rank].removeFirst().continuation
        }
        next?.resume(returning: true)
    }

    private func tryAcquire() -> Bool {
        state.withLock { state in
            guard state.free > 0 else { return false }
            state.free -= 1
            return true
        }
    }

    private func withdraw(_ id: Int, _ priority: PriorityClass) -> CheckedContinuation<Bool, Never>? {
        state.withLock { state in
            state.waiting[priority.rank].firstIndex { $0.id == id }.map {
                state.waiting[priority.rank].remove(at: $0).continuation
            }
        }
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
