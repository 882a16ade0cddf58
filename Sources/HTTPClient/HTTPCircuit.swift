import Synchronization

/// A circuit breaker. It opens after several failures of a server in a row; after a pause, one request probes the
/// server.
public final class HTTPCircuit: Sendable {
    /// The outcome of a request, as far as the health of the server is concerned.
    public enum Outcome: Sendable {
        case responded
        case failed(String)
        /// The outcome says nothing about the server, for example a cancellation.
        case unknown
    }

    /// The circuit is open: no request may be sent now.
    public struct Open: Error, Sendable, Equatable {
        /// The number of failures in a row.
        public let failures: Int
        /// The reason of the last failure.
        public let reason: String
    }

    private struct State {
        var failures = 0
        var openUntil: ContinuousClock.Instant?
        var isProbing = false
        var reason = ""
    }

    private let failures: Int
    private let pause: Duration
    private let now: @Sendable () -> ContinuousClock.Instant
    private let state = Mutex(State())

    /// - Parameters:
    ///   - failures: The number of failures in a row after which the circuit opens.
    ///   - pause: The time until a request probes the server.
    public init(
        failures: Int, pause: Duration, now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
    ) {
        self.failures = failures
        self.pause = pause
        self.now = now
    }

    /// Begins a request. Call ``end(_:)`` after it.
    /// - Throws: ``Open`` if no request may be sent now.
    public func begin() throws(Open) {
        let refusal: Open? = state.withLock { state in
            guard let until = state.openUntil else { return nil }
            if now() >= until, !state.isProbing {
                state.isProbing = true
                return nil
            }
            return Open(failures: state.failures, reason: state.reason)
        }
        if let refusal { throw refusal }
    }

    /// Records the outcome of a request.
    public func end(_ outcome: Outcome) {
        state.withLock { state in
            state.isProbing = false
            switch outcome {
            case .responded: state = State()
            case .failed(let reason):
                state.failures += 1
                state.reason = reason
                if state.failures >= failures { state.openUntil = now() + pause }
            case .unknown: break
            }
        }
    }
}
