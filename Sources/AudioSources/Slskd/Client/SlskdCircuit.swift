import Synchronization

/// Leaves slskd alone for a while when it failed several times in a row; then one request finds out how it is.
final class SlskdCircuit: Sendable {
    /// How a request ended, as far as slskd itself is concerned.
    enum Outcome { case answered, failed(String), unknown }

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

    init(failures: Int, pause: Duration, now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }) {
        self.failures = failures
        self.pause = pause
        self.now = now
    }

    /// Before a request; each that was let in is followed by ``leave(_:)``.
    /// - Throws: ``SlskdError`` `unavailable` while slskd is left alone.
    func enter() throws(SlskdError) {
        let refusal: SlskdError? = state.withLock { state in
            guard let until = state.closedUntil else { return nil }
            if now() >= until, !state.isProbing {
                state.isProbing = true
                return nil
            }
            return SlskdError(
                .unavailable,
                "slskd failed \(state.failures) times in a row and is left alone for a while: \(state.reason)")
        }
        if let refusal { throw refusal }
    }

    func leave(_ outcome: Outcome) {
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
