import Synchronization

/// Holds the status of a connection and sends changes to its observers.
final class StatusBroadcaster: Sendable {
    private struct State {
        var status = ConnectionStatus.connecting
        var observers: [Int: AsyncStream<ConnectionStatus>.Continuation] = [:]
        var nextObserver = 0
    }

    private let state = Mutex(State())

    var status: ConnectionStatus { state.withLock { $0.status } }

    func set(_ status: ConnectionStatus) {
        let observers = state.withLock { state -> [AsyncStream<ConnectionStatus>.Continuation] in
            guard state.status != status, state.status != .closed else { return [] }
            state.status = status
            // Under the lock, so that no observer receives an older status after a newer one.
            for observer in state.observers.values { observer.yield(status) }
            return Array(state.observers.values)
        }
        guard status == .closed else { return }
        for observer in observers { observer.finish() }
    }

    /// Returns the current status and every later one. A slow reader receives only the newest.
    func changes() -> AsyncStream<ConnectionStatus> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: ConnectionStatus.self, bufferingPolicy: .bufferingNewest(1))
        let (number, status) = state.withLock { state in
            defer { state.nextObserver += 1 }
            state.observers[state.nextObserver] = continuation
            continuation.yield(state.status)
            return (state.nextObserver, state.status)
        }
        continuation.onTermination = { [weak self] _ in
            _ = self?.state.withLock { $0.observers.removeValue(forKey: number) }
        }
        if status == .closed { continuation.finish() }
        return stream
    }
}
