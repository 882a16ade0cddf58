import Synchronization

/// A call that waits for a thread of a ``BlockingPool``. Either the thread begins it or a cancellation ends it, never both.
final class WaitingCall<Value: Sendable>: Sendable {
    private enum State {
        case created
        case waiting(CheckedContinuation<Value, any Error>)
        case decided
    }

    private let state = Mutex(State.created)

    /// Stores the caller's continuation.
    /// - Returns: `false` when the task was cancelled before; the continuation is then resumed.
    func wait(_ continuation: CheckedContinuation<Value, any Error>) -> Bool {
        let isWaiting = state.withLock { state in
            guard case .created = state else { return false }
            state = .waiting(continuation)
            return true
        }
        if !isWaiting { continuation.resume(throwing: CancellationError()) }
        return isWaiting
    }

    /// Returns the continuation, which the caller must resume; `nil` when the call was cancelled.
    func begin() -> CheckedContinuation<Value, any Error>? {
        state.withLock { state in
            guard case .waiting(let continuation) = state else { return nil }
            state = .decided
            return continuation
        }
    }

    /// Ends the call unless it has begun.
    func cancel() {
        let continuation = state.withLock { state -> CheckedContinuation<Value, any Error>? in
            switch state {
            case .created:
                state = .decided
                return nil
            case .waiting(let continuation):
                state = .decided
                return continuation
            case .decided: return nil
            }
        }
        continuation?.resume(throwing: CancellationError())
    }
}
