import Contracts

/// A file that is to be brought into the library, and for whom.
struct MoveRequest: Sendable, Equatable {
    let job: JobID
    let dedupeKey: String
    /// Also when the library has the recording.
    let isForced: Bool
    /// Relative to the downloads folder, as the document has it.
    let source: String
    let track: Track

    init(_ job: JobDocument, source: String) {
        self.job = job.jobID
        dedupeKey = job.dedupeKey
        isForced = job.force ?? false
        self.source = source
        track = job.wanted
    }
}

/// How a move ended. Paths are relative to the music folder.
enum MoveResult: Sendable, Equatable {
    case moved(String)
    /// The library has the recording at this path.
    case duplicate(String)
    /// The file to be moved is not there, and was not moved before.
    case sourceMissing
    /// Another worker moves the same job, or the same recording, at this moment.
    case busy
}
