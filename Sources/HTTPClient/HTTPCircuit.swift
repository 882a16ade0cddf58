import Synchronization

/// Leaves a server alone for a while when it failed several times in a row; then one request finds out how it is.
public final class HTTPCircuit: Sendable {
    /// How a request ended, as far as the server itself is concerned.
    public enum Outcome: Sendable { case answered, failed(String), unknown }

    /// The server is left alone.
    public struct Open: Error, Sendable, Equatable {
        /// In a row.
        public let failures: Int
        /// Of the last one.
        public let reason: String
    }

    private struct State {
        var failures = 0
        var closedUntil: ContinuousClock.Instant?
        var isProbing = false
        var reason = ""
    }

    private let failures: Int
    private let pause: Duration
    private let now: @Sendable () -> ContinuousClock.Instant
    private let state = Mutex(State())

    /// - Parameter failures: how many in a row.
    public init(
        failures: Int, pause: Duration, now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
    ) {
        self.failures = failures
        self.pause = pause
        self.now = now
    }

    /// Before a request; each that was let in is followed by ``leave(_:)``.
    /// - Throws: while the server is left alone.
    public func enter() throws(Open) {
        let refusal: Open? = state.withLock { state in
            guard let until = state.closedUntil else { return nil }
            if now() >= until, !state.isProbing {
                state.isProbing = true
                return nil
            }
            return Open(failures: state.failures, reason: state.reason)
        }
        if let refusal { throw refusal }
    }

    public func leave(_ outcome: Outcome) {
        state.withLock { state in
            state.isProbing = false
            switch outcome {
            case .answered: state = State()
            case .failed(let reason):
                state.failures += 1
                state.reason = reason
                if state.failures >= failures { state.closedUntil = now() + pause }
            case .unknown: break
            }
        }
    }
}
