import Contracts

/// What decides whether an event changes how a job is shown.
struct JobStanding: Sendable, Equatable {
    var state: JobState
    var position: EventPosition
    /// When the state was reached.
    var since: Timestamp

    /// The standing after an event; `nil` when the event came late and changes nothing but the history.
    ///
    /// A completed job stays completed: what else is heard of it comes from a copy that was worked on twice.
    func after(_ event: JobEvent) -> JobStanding? {
        switch event.name {
        case .requeued, .purged: return afterOperator(event)
        default: break
        }
        let next = JobStanding(
            state: event.state, position: EventPosition(sequence: event.sequence, event.name), since: event.at)
        switch state {
        case .completed: return nil
        case .duplicate where event.state != .completed: return nil
        default: return next.position > position ? next : nil
        }
    }

    /// An operator acts on dead letters. Whatever sequence the word carries, it stands between the death and the next
    /// start, so it moves the job only within the step it died in.
    private func afterOperator(_ event: JobEvent) -> JobStanding? {
        guard state.isStopped, event.at >= since else { return nil }
        return JobStanding(state: event.state, position: position.last, since: event.at)
    }
}

extension JobState {
    /// Ended without a file: the key is free, and an operator may send the job back to work.
    var isStopped: Bool { self == .deadLetter || self == .cancelled }

    /// Ended with the recording in the library.
    var isProcessed: Bool { self == .completed || self == .duplicate }
}
