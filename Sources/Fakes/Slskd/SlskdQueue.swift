import Synchronization

/// A first-in, first-out queue for a number of slots.
final class SlskdQueue: Sendable {
    private struct State {
        var free: Int
        var waiting: [(id: String, continuation: CheckedContinuation<Void, any Error>)] = []
        var used = 0
        var highest = 0
    }

    private let state: Mutex<State>

    init(slots: Int) { state = Mutex(State(free: slots)) }

    /// The highest number of slots in use at the same time.
    var highestConcurrency: Int { state.withLock { $0.highest } }

    /// Returns the number of waiting entries before an entry; `nil` if it does not wait.
    func position(of id: String) -> Int? { state.withLock { state in state.waiting.firstIndex { $0.id == id } } }

    /// Waits for a slot and runs `body` in it.
    /// - Throws: `CancellationError` if the wait is cancelled, or the error of `body`.
    func withSlot<Result>(_ id: String, _ body: () async throws -> Result) async throws -> Result {
        try await enter(id)
        defer { leave() }
        return try await body()
    }

    private func enter(_ id: String) async throws {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let enters = state.withLock { state -> Bool? in
                    guard !Task.isCancelled else { return nil }
                    guard state.free > 0 else {
                        state.waiting.append((id, continuation))
                        return false
                    }
                    Self.count(&state)
                    return true
                }
                guard let enters else { return continuation.resume(throwing: CancellationError()) }
                if enters { continuation.resume() }
            }
        } onCancel: {
            let left = state.withLock { state in
                state.waiting.firstIndex { $0.id == id }.map { state.waiting.remove(at: $0).continuation }
            }
            left?.resume(throwing: CancellationError())
        }
    }

    private func leave() {
        let next = state.withLock { state -> CheckedContinuation<Void, any Error>? in
            state.free += 1
            state.used -= 1
            guard !state.waiting.isEmpty else { return nil }
            Self.count(&state)
            return state.waiting.removeFirst().continuation
        }
        next?.resume()
    }

    private static func count(_ state: inout State) {
        state.free -= 1
        state.used += 1
        state.highest = max(state.highest, state.used)
    }
}
