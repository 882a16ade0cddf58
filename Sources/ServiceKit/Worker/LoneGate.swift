import Synchronization

/// Lets many runs in together, or one run alone. Runs enter in the order of their arrival.
///
/// A job whose process crashed twice runs alone, so that a crash proves which job causes it.
final class LoneGate: Sendable {
    /// The gate of all workers of this process.
    static let process = LoneGate()

    private struct Waiter {
        let id: Int
        let alone: Bool
        let continuation: CheckedContinuation<Bool, Never>
    }

    private struct State {
        var inside = 0
        var isAlone = false
        var waiting: [Waiter] = []
        var nextID = 0

        mutating func admit(alone: Bool) -> Bool {
            guard !isAlone, !alone || inside == 0 else { return false }
            inside += 1
            isAlone = alone
            return true
        }
    }

    private let state = Mutex(State())

    /// Waits for the right to run.
    /// - Returns: `false` when it was not granted in time. Otherwise ``leave()`` must follow.
    func enter(alone: Bool, within patience: Duration) async -> Bool {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        let timer = Task {
            guard (try? await Task.sleep(for: patience)) != nil else { return }
            self.withdraw(id)
        }
        defer { timer.cancel() }
        return await withCheckedContinuation { continuation in
            let isIn = state.withLock { state in
                if state.waiting.isEmpty, state.admit(alone: alone) { return true }
                state.waiting.append(Waiter(id: id, alone: alone, continuation: continuation))
                return false
            }
            if isIn { continuation.resume(returning: true) }
        }
    }

    /// Ends the right to run.
    func leave() {
        resume { state in
            state.inside -= 1
            state.isAlone = false
        }
    }

    private func withdraw(_ id: Int) {
        let waiter = state.withLock { state in
            state.waiting.firstIndex { $0.id == id }.map { state.waiting.remove(at: $0) }
        }
        waiter?.continuation.resume(returning: false)
        // Those behind a run that waited to be alone may enter now.
        resume { _ in }
    }

    private func resume(after change: (inout State) -> Void) {
        let admitted = state.withLock { state -> [Waiter] in
            change(&state)
            var admitted: [Waiter] = []
            while let first = state.waiting.first, state.admit(alone: first.alone) {
                admitted.append(state.waiting.removeFirst())
            }
            return admitted
        }
        for waiter in admitted { waiter.continuation.resume(returning: true) }
    }
}
