import Contracts

/// What decides whether an event changes how a job is shown.
struct ProjectedState: Sendable, Equatable {
    var state: JobState
    var position: EventPosition

    /// The standing after an event; `nil` when the event came late and changes nothing but the history.
    ///
    /// Once the file is in the library the job is completed, whatever else is heard: that comes from a copy of the
    /// message that was worked on twice.
    func after(_ event: JobEvent) -> ProjectedState? {
        guard event.name != .step else { return nil }
        let next = EventPosition(event)
        switch (state, event.state) {
        case (.completed, _): return nil
        case (_, .completed): return ProjectedState(state: .completed, position: max(position, next))
        case (.duplicate, _): return nil
        default: return next > position ? ProjectedState(state: event.state, position: next) : nil
        }
    }
}

extension JobState {
    /// Ended without a file: the key is free, and an operator may send the job back to work.
    var isStopped: Bool { self == .deadLetter || self == .cancelled }

    /// Ended with the recording in the library.
    var isProcessed: Bool { self == .completed || self == .duplicate }
}
