import Contracts

/// What came of looking for a job's recording in the catalogues.
enum Resolution: Sendable, Equatable {
    /// The job goes on with what it has.
    case unchanged
    /// The job goes on with this.
    case resolved(MetadataSection)
    /// The job cannot go on before a catalogue can be asked.
    case snooze(until: Timestamp, because: String)
    /// A person has to say what is wanted.
    case review(because: String)
}
