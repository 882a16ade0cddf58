import Contracts
import Foundation
import GRDB

/// One line of the journal of moves: what is to happen to the file of a job, and how far it is.
struct MoveRecord: Codable, Sendable, Equatable, FetchableRecord, PersistableRecord {
    static let databaseTableName = "moves"

    enum State: String, Codable, Sendable {
        /// The place is chosen; the file may have its name there already, or not.
        case intended
        /// The file is in the library and in the index; the job's own folder is still to be removed.
        case placed
        case done
        /// The library had the recording already, at `target`.
        case duplicate
    }

    var jobID: String
    var dedupeKey: String
    var isForced: Bool
    var state: State
    /// Relative to the downloads folder.
    var source: String
    /// The name of the partial file beside the target, should a copy be needed.
    var temp: String
    /// Relative to the music folder.
    var target: String
    /// The target in the form under which two names are the same.
    var targetFold: String
    var sha256: String
    var size: Int64
    var createdAt: String
    var updatedAt: String
    /// What was wished for, as JSON; `nil` for moves of earlier versions.
    var track: String?

    enum CodingKeys: String, CodingKey {
        case state, source, temp, target, sha256, size, track
        case jobID = "job_id"
        case dedupeKey = "dedupe_key"
        case isForced = "is_forced"
        case targetFold = "target_fold"
        case createdAt = "created_at"
        case updatedAt = "updated_at"
    }

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

    var content: FileContent { FileContent(sha256: sha256, size: size) }

    /// The partial file, relative to the music folder.
    var partial: String { (target.folderPath.map { "\($0)/" } ?? "") + temp }
}

extension String {
    /// The path before the last name; `nil` for a bare name.
    var folderPath: Substring? { lastIndex(of: "/").map { self[..<$0] } }
}

/// A file of the library that the index knows.
struct FileRecord: Codable, Sendable, Equatable, FetchableRecord, PersistableRecord {
    static let databaseTableName = "files"

    enum Origin: String, Codable, Sendable {
        /// Brought by a job.
        case moved
        /// Somebody else's; found in the place of a job whose audio it has.
        case adopted
    }

    /// Relative to the music folder.
    var path: String
    var jobID: String
    var dedupeKey: String
    /// A copy beside another file with the same key; the guard looks at the first one only.
    var isForced: Bool
    var origin: Origin
    var sha256: String
    var size: Int64
    var addedAt: String
    /// What was wished for, and what was found out since, as JSON; `nil` for files that came with earlier versions.
    var track: String?
    /// The album in its catalogue, such as `spotify:album:<id>`, once it was found.
    var albumLink: String?

    enum CodingKeys: String, CodingKey {
        case path, origin, sha256, size, track
        case albumLink = "album_link"
        case jobID = "job_id"
        case dedupeKey = "dedupe_key"
        case isForced = "is_forced"
        case addedAt = "added_at"
    }

    init(_ move: MoveRecord, origin: Origin = .moved) {
        path = move.target
        jobID = move.jobID
        dedupeKey = move.dedupeKey
        isForced = move.isForced
        self.origin = origin
        sha256 = move.sha256
        size = move.size
        addedAt = Timestamp.now.description
        track = move.track
    }

    var content: FileContent { FileContent(sha256: sha256, size: size) }
}

/// What was done to the library: never changed, never removed.
struct AuditRecord: Codable, Sendable, Equatable, FetchableRecord, PersistableRecord {
    static let databaseTableName = "audit"

    enum Action: String, Codable, Sendable {
        /// A file was brought into the library.
        case added
        /// A file that nobody here brought was entered in the index.
        case adopted
        /// A job ended because the library has the recording.
        case duplicate
        /// A file that the index knew was not there any more; the guard no longer counts on it.
        case vanished
    }

    var id: Int64?
    var at: String
    var action: Action
    var jobID: String
    /// Relative to the downloads folder.
    var from: String?
    /// Relative to the music folder.
    var to: String
    var sha256: String
    /// The process that did it.
    var actor: String

    enum CodingKeys: String, CodingKey {
        case id, at, action, sha256, actor
        case jobID = "job_id"
        case from = "from_path"
        case to = "to_path"
    }

    init(_ action: Action, _ move: MoveRecord, by actor: String) {
        at = Timestamp.now.description
        self.action = action
        jobID = move.jobID
        from = move.source
        to = move.target
        sha256 = move.sha256
        self.actor = actor
    }

    init(vanished file: FileRecord, by actor: String) {
        at = Timestamp.now.description
        action = .vanished
        jobID = file.jobID
        to = file.path
        sha256 = file.sha256
        self.actor = actor
    }
}
