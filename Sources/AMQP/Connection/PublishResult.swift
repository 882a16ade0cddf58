import Synchronization

/// Resumes the caller of a publish once: with its result, or when its delivery ends.
///
/// The end of the delivery resumes the caller without the connection's thread, which can be busy for many seconds while
/// it connects.
final class PublishResult: Sendable {
    typealias Continuation = CheckedContinuation<Result<Void, AMQPError>, Never>

    private struct State {
        var continuation: Continuation?
        var observer: Int?
    }

    private let state: Mutex<State>
    private let lease: DeliveryLease

    init(_ continuation: Continuation, for lease: DeliveryLease) {
        state = Mutex(State(continuation: continuation))
        self.lease = lease
    }

    /// Starts observing the delivery.
    /// - Returns: Whether the delivery is held. Otherwise the caller has been resumed.
    func begin() -> Bool {
        guard let observer = lease.observe({ [self] _ in complete(.failure(.withdrawn)) }) else { return false }
        state.withLock { $0.observer = observer }
        return true
    }

    /// Resumes the caller, unless it has been resumed.
    func complete(_ result: Result<Void, AMQPError>) {
        let (continuation, observer) = state.withLock { state in
            defer { state = State() }
            return (state.continuation, state.observer)
        }
        // One delivery can have thousands of publishes, one after the other.
        if let observer { lease.removeObserver(observer) }
        continuation?.resume(returning: result)
    }
}
