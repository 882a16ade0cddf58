import Contracts
import Files
import Foundation

/// A file to be moved into the library, and the job that it belongs to.
struct MoveRequest: Sendable, Equatable {
    let job: JobID
    /// How often the job was requeued.
    let generation: Int
    let dedupeKey: String
    /// Whether the file is moved even when the library has the recording.
    let isForced: Bool
    /// Relative to the downloads folder, as in the document.
    let source: String
    let track: Track

    init(_ job: JobDocument, generation: Int = 0, source: String) {
        self.job = job.jobID
        self.generation = generation
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
    /// The file to be moved does not exist, and was not moved before.
    case sourceMissing
    /// Another worker is moving the same job or the same recording.
    case busy
}

extension MoveRecord {
    init(_ request: MoveRequest, _ state: State, target: String, _ content: FileContent) {
        jobID = request.job.text
        dedupeKey = request.dedupeKey
        isForced = request.isForced
        self.state = state
        source = request.source
        temp = ".hdm-\(request.job).\(UUID().uuidString.prefix(8).lowercased()).partial"
        self.target = target
        targetFold = MusicLibrary.folded(target)
        sha256 = content.sha256
        size = content.size
        createdAt = Timestamp.now.description
        updatedAt = createdAt
        track = (try? ContractCoding.encode(request.track, sorted: true)).map { String(decoding: $0, as: UTF8.self) }
    }
}
