import Synchronization

/// A line of waiting people before a number of counters: who came first is served first.
final class SlskdLine: Sendable {
    private struct State {
        var free: Int
        var waiting: [(id: String, continuation: CheckedContinuation<Void, any Error>)] = []
        var inside = 0
        var most = 0
    }

    private let state: Mutex<State>

    init(_ counters: Int) { state = Mutex(State(free: counters)) }

    /// The highest number of those who were inside at once.
    var most: Int { state.withLock { $0.most } }

    /// How many wait before this one; `nil` when it does not wait.
    func ahead(of id: String) -> Int? { state.withLock { state in state.waiting.firstIndex { $0.id == id } } }

    /// Runs `body` when it is this one's turn.
    /// - Throws: `CancellationError` when the wait was cancelled, and what `body` throws.
    func inside<Result>(_ id: String, _ body: () async throws -> Result) async throws -> Result {
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
            state.inside -= 1
            guard !state.waiting.isEmpty else { return nil }
            Self.count(&state)
            return state.waiting.removeFirst().continuation
        }
        next?.resume()
    }

    private static func count(_ state: inout State) {
        state.free -= 1
        state.inside += 1
        state.most = max(state.most, state.inside)
    }
}
