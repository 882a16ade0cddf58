import Contracts
import Databases
import GRDB

/// A row of the audit trail: a change of the library. Rows are never changed and never removed.
struct AuditRecord: Encodable, Sendable, Equatable, PersistableRecord {
    static let databaseTableName = "audit"

    enum Action: String, Codable, Sendable {
        /// A file was moved into the library.
        case added
        /// A file that no job moved was entered in the index.
        case adopted
        /// A job ended because the library has the recording.
        case duplicate
        /// A file of the index no longer existed and was removed from the index.
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
    /// The process that made the change.
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

    /// - Throws: `UnreadableRow`.
    init(_ row: Row) throws {
        id = try row.value("id")
        at = try row.value("at")
        action = try row.enumeration("action")
        jobID = try row.value("job_id")
        from = try row.optionalValue("from_path")
        to = try row.value("to_path")
        sha256 = try row.value("sha256")
        actor = try row.value("actor")
    }
}
