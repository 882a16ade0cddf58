import Synchronization

/// Sends the labels of declarations that were healed to its observers.
final class HealedBroadcaster: Sendable {
    private struct State {
        /// `nil` after the end.
        var observers: [Int: AsyncStream<[String]>.Continuation]? = [:]
        var nextObserver = 0
    }

    /// The highest number of healings that wait for a slow reader. The oldest are dropped.
    private static let bufferSize = 64

    private let state = Mutex(State())

    func send(_ labels: [String]) {
        let observers = state.withLock { Array(($0.observers ?? [:]).values) }
        for observer in observers { observer.yield(labels) }
    }

    /// Ends all sequences.
    func finish() {
        let observers = state.withLock { state in
            defer { state.observers = nil }
            return Array((state.observers ?? [:]).values)
        }
        for observer in observers { observer.finish() }
    }

    /// Returns every later healing.
    func changes() -> AsyncStream<[String]> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: [String].self, bufferingPolicy: .bufferingNewest(Self.bufferSize))
        let number = state.withLock { state -> Int? in
            guard state.observers != nil else { return nil }
            defer { state.nextObserver += 1 }
            state.observers?[state.nextObserver] = continuation
            return state.nextObserver
        }
        guard let number else {
            continuation.finish()
            return stream
        }
        continuation.onTermination = { [weak self] _ in
            _ = self?.state.withLock { $0.observers?.removeValue(forKey: number) }
        }
        return stream
    }
}
