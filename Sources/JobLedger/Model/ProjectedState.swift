import Contracts

/// The state that a job is shown with, and the event that set it.
struct ProjectedState: Sendable, Equatable {
    var state: JobState
    var position: EventPosition

    /// Returns the state after an event, or `nil` when the event is late and changes only the timeline.
    ///
    /// A completed job stays completed: a later event comes from a copy of the message that was processed twice.
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

    /// Whether the job is beyond a position.
    func isPast(_ other: EventPosition) -> Bool { state.isProcessed || position > other }
}

extension JobState {
    /// Whether the job ended without a file. Its dedupe key is free, and a person may restart it.
    var isStopped: Bool { self == .deadLetter || self == .cancelled }

    /// Whether the job ended with the recording in the library.
    var isProcessed: Bool { self == .completed || self == .duplicate }
}
