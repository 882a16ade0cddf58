import AMQP
import Contracts
import Synchronization

/// Publishes events and progress about a delivery while its handler runs.
///
/// Events keep their order, and all are confirmed before the delivery is acknowledged. Progress may be lost. The emitter
/// has no task of its own, so that a thousand running jobs use little memory.
final class JobEventEmitter: Sendable {
    private struct State {
        var unconfirmed = 0
        var failure: AMQPError?
        /// Resumed when no event is unconfirmed.
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

    /// Publishes an event after those of earlier calls. Steps beyond the limit are dropped.
    func emit(_ event: JobEvent) {
        let isAccepted = state.withLock { state in
            if event.name == .step {
                guard state.steps < JobUpdate.stepLimit else { return false }
                state.steps += 1
            }
            state.unconfirmed += 1
            return true
        }
        if isAccepted { publisher.post(event, completion: complete) }
    }

    private func complete(_ result: Result<Void, AMQPError>) {
        let waiting = state.withLock { state -> [CheckedContinuation<Void, Never>] in
            if case .failure(let error) = result { state.failure = state.failure ?? error }
            state.unconfirmed -= 1
            guard state.unconfirmed == 0 else { return [] }
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }

    /// Waits until the broker has confirmed every event.
    /// - Throws: the first error of an event.
    func waitForConfirms() async throws(AMQPError) {
        await withCheckedContinuation { continuation in
            let isConfirmed = state.withLock { state in
                if state.unconfirmed > 0 { state.waiting.append(continuation) }
                return state.unconfirmed == 0
            }
            if isConfirmed { continuation.resume() }
        }
        if let failure = state.withLock({ $0.failure }) { throw failure }
    }

    /// Publishes the bytes that are done.
    func progress(done: Int64, total: Int64?) {
        let event = state.withLock { state in
            let now = ContinuousClock.now
            if let before = state.bytes, done > before.count {
                let rate = Double(done - before.count) / max((now - before.at) / .seconds(1), 0.001)
                // The mean of the earlier and the new rate, so that the number is steady enough to read.
                state.progress.rate = state.progress.rate.map { ($0 + rate) / 2 } ?? rate
            }
            state.bytes = (done, now)
            (state.progress.done, state.progress.total, state.progress.at) = (done, total, .now)
            return state.progress
        }
        publisher.post(event)
    }

    /// Publishes what the work is doing, if that has changed.
    func activity(_ phase: TransferPhase, peer: String?, place: Int?) {
        let event = state.withLock { state -> ProgressEvent? in
            let before = state.progress
            (state.progress.phase, state.progress.peer) = (phase.rawValue, peer)
            state.progress.placeInQueue = place
            guard state.progress != before else { return nil }
            if peer != before.peer || phase != .transferring { Self.resetBytes(&state) }
            state.progress.at = .now
            return state.progress
        }
        if let event { publisher.post(event) }
    }

    /// Resets the bytes for another transfer, or for none.
    private static func resetBytes(_ state: inout State) {
        state.bytes = nil
        (state.progress.done, state.progress.total, state.progress.rate) = (0, nil, nil)
    }
}
