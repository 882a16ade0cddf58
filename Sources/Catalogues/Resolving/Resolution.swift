public import Contracts

/// The result of ``TrackResolver/resolve(_:isFresh:_:)``.
public enum Resolution: Sendable, Equatable {
    /// The job continues as it is.
    case unchanged
    /// The job continues with this section.
    case resolved(MetadataSection)
    /// The job needs a catalogue that cannot be used before this time. `wait` goes into the event.
    case snooze(until: Timestamp, because: String, wait: JobEvent.Wait)
    /// A person must decide what is wanted.
    case review(because: String)
}
