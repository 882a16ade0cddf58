import Synchronization

/// A call on a ``BlockingPool`` whose caller waits for a limited time. The caller is resumed once: by the result, by the
/// deadline, or by a cancellation.
final class BoundedCall<Value: Sendable>: Sendable {
    private enum State {
        case created
        case waiting(CheckedContinuation<Value, any Error>)
        case running(CheckedContinuation<Value, any Error>)
        case ended
    }

    private let state = Mutex(State.created)

    /// Stores the caller's continuation.
    /// - Returns: `false` when the call was cancelled before; the continuation is then resumed.
    func wait(_ continuation: CheckedContinuation<Value, any Error>) -> Bool {
        let isWaiting = state.withLock { state in
            guard case .created = state else { return false }
            state = .waiting(continuation)
            return true
        }
        if !isWaiting { continuation.resume(throwing: CancellationError()) }
        return isWaiting
    }

    /// - Returns: `false` when the caller has gone, and the body must not run.
    func begin() -> Bool {
        state.withLock { state in
            guard case .waiting(let continuation) = state else { return false }
            state = .running(continuation)
            return true
        }
    }

    /// Resumes the caller, unless it was resumed before.
    func end(_ result: Result<Value, any Error>) {
        let continuation = state.withLock { state -> CheckedContinuation<Value, any Error>? in
            defer { state = .ended }
            switch state {
            case .waiting(let continuation), .running(let continuation): return continuation
            case .created, .ended: return nil
            }
        }
        continuation?.resume(with: result)
    }
}
