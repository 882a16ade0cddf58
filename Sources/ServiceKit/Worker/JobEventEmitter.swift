import Contracts
import Synchronization

/// Publishes steps and progress of a delivery while its handler runs.
///
/// They are for people: nothing waits for their confirms, and a lost one is not repeated. The emitter has no task of its
/// own, so that a thousand running jobs use little memory.
final class JobEventEmitter: Sendable {
    private struct State {
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

    /// Publishes a step of the job's history. Steps beyond the limit are dropped.
    func emit(_ step: JobEvent) {
        let isAccepted = state.withLock { state in
            guard state.steps < JobUpdate.stepLimit else { return false }
            state.steps += 1
            return true
        }
        if isAccepted { publisher.post(step) }
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
