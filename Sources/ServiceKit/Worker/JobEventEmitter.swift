import AMQP
import Contracts
import Synchronization

/// Tells of a delivery while it is worked on: events in their order, confirmed before its end, and progress, which may be
/// lost. Holds no task: a thousand jobs at work cost a thousand of these.
final class JobEventEmitter: Sendable {
    private struct State {
        var unconfirmed = 0
        var failure: AMQPError?
        /// Resumed when nothing is unconfirmed.
        var waiting: [CheckedContinuation<Void, Never>] = []
        var steps = 0
        var progress: ProgressEvent
        var bytes: (count: Int64, at: ContinuousClock.Instant)?
    }

    private let publisher: JobPublisher
    private let state: Mutex<State>

    init(_ publisher: JobPublisher, job: JobID, stage: Stage) {
        self.publisher = publisher
        state = Mutex(State(progress: ProgressEvent(jobID: job, stage: stage, done: 0, total: nil)))
    }

    /// Publishes an event behind those that were told before.
    func tell(_ event: JobEvent) {
        let isOneTooMany = state.withLock { state in
            if event.name == .step {
                guard state.steps < JobNote.mostSteps else { return true }
                state.steps += 1
            }
            state.unconfirmed += 1
            return false
        }
        if !isOneTooMany { publisher.post(event, completion: ended) }
    }

    private func ended(_ result: Result<Void, AMQPError>) {
        let waiting = state.withLock { state -> [CheckedContinuation<Void, Never>] in
            if case .failure(let error) = result { state.failure = state.failure ?? error }
            state.unconfirmed -= 1
            guard state.unconfirmed == 0 else { return [] }
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }

    /// Returns when the broker has every event that was told.
    func settled() async throws(AMQPError) {
        await withCheckedContinuation { continuation in
            let isSettled = state.withLock { state in
                if state.unconfirmed > 0 { state.waiting.append(continuation) }
                return state.unconfirmed == 0
            }
            if isSettled { continuation.resume() }
        }
        if let failure = state.withLock({ $0.failure }) { throw failure }
    }

    /// Publishes how many bytes there are.
    func progress(done: Int64, total: Int64?) {
        let event = state.withLock { state in
            let now = ContinuousClock.now
            if let before = state.bytes, done > before.count {
                let rate = Double(done - before.count) / max((now - before.at) / .seconds(1), 0.001)
                // Halfway to the newest, so that the number can be read.
                state.progress.rate = state.progress.rate.map { ($0 + rate) / 2 } ?? rate
            }
            state.bytes = (done, now)
            (state.progress.done, state.progress.total, state.progress.at) = (done, total, .now)
            return state.progress
        }
        publisher.post(event)
    }

    /// Publishes what the work is about when that has changed.
    func activity(_ phase: TransferPhase, peer: String?, place: Int?) {
        let event = state.withLock { state -> ProgressEvent? in
            let before = state.progress
            (state.progress.phase, state.progress.peer) = (phase.rawValue, peer)
            state.progress.placeInQueue = place
            guard state.progress != before else { return nil }
            if peer != before.peer || phase != .transferring { Self.begin(&state) }
            state.progress.at = .now
            return state.progress
        }
        if let event { publisher.post(event) }
    }

    /// Another transfer, or none: the bytes of the one before say nothing about it.
    private static func begin(_ state: inout State) {
        state.bytes = nil
        (state.progress.done, state.progress.total, state.progress.rate) = (0, nil, nil)
    }
}
