import AMQP
import Contracts
import Synchronization

/// Tells of a delivery while it is worked on: events one after another, confirmed before its end, and progress, which
/// may be lost.
final class RunAnnouncer: Sendable {
    private struct State {
        var last: Task<AMQPError?, Never>?
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
        state.withLock { state in
            if event.name == .step {
                guard state.steps < JobNote.mostSteps else { return }
                state.steps += 1
            }
            state.last = Task { [before = state.last, publisher] in
                if let error = await before?.value { return error }
                do throws(AMQPError) {
                    try await publisher.publish(event)
                    return nil
                } catch {
                    return error
                }
            }
        }
    }

    /// Returns when the broker has every event that was told.
    func settled() async throws(AMQPError) {
        let last = state.withLock { $0.last }
        if let error = await last?.value { throw error }
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
        publish(event)
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
        if let event { publish(event) }
    }

    /// Another transfer, or none: the bytes of the one before say nothing about it.
    private static func begin(_ state: inout State) {
        state.bytes = nil
        (state.progress.done, state.progress.total, state.progress.rate) = (0, nil, nil)
    }

    private func publish(_ event: ProgressEvent) {
        // May be lost: nobody waits for it.
        Task { [publisher] in try? await publisher.publish(event) }
    }
}
