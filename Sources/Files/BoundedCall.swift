import Synchronization

/// A call on a ``BlockingPool`` whose caller waits for a limited time. The caller is resumed once: by the result, by the
/// deadline, or by a cancellation.
final class BoundedCall<Value: Sendable>: Sendable {
    private enum State {
        case created
        case waiting(CheckedContinuation<Value, any Error>)
        case running(CheckedContinuation<Value, any Error>)
        /// With the result of a call that ended before its caller waited.
        case ended(Result<Value, any Error>?)
    }

    private let state = Mutex(State.created)

    /// Stores the caller's continuation.
    /// - Returns: `false` when the call has ended; the continuation is then resumed.
    func wait(_ continuation: CheckedContinuation<Value, any Error>) -> Bool {
        let early = state.withLock { state -> Result<Value, any Error>? in
            guard case .ended(let result) = state else {
                state = .waiting(continuation)
                return nil
            }
            return result ?? .failure(CancellationError())
        }
        if let early { continuation.resume(with: early) }
        return early == nil
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
            switch state {
            case .waiting(let continuation), .running(let continuation):
                state = .ended(nil)
                return continuation
            case .created:
                state = .ended(result)
                return nil
            case .ended: return nil
            }
        }
        continuation?.resume(with: result)
    }
}
