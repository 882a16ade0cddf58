import Contracts
import Databases
import Files
import GRDB

/// A row of the index: a file of the library.
struct FileRecord: Encodable, Sendable, Equatable, PersistableRecord {
    static let databaseTableName = "files"

    enum Origin: String, Codable, Sendable {
        /// Moved there by a job.
        case moved
        /// Present before; found at the target of a job with the same audio.
        case adopted
    }

    /// Relative to the music folder.
    var path: String
    var jobID: String
    var dedupeKey: String
    /// A forced copy beside another file with the same key. The check for duplicates ignores it.
    var isForced: Bool
    var origin: Origin
    var sha256: String
    var size: Int64
    var addedAt: String
    /// The wanted recording and what was found out about it since, as JSON; `nil` for files of earlier versions.
    var track: String?
    /// The album in its catalogue, such as `spotify:album:<id>`; `nil` until it is found.
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

    /// - Throws: `UnreadableRow`.
    init(_ row: Row) throws {
        path = try row.value("path")
        jobID = try row.value("job_id")
        dedupeKey = try row.value("dedupe_key")
        isForced = try row.value("is_forced")
        origin = try row.enumeration("origin")
        sha256 = try row.value("sha256")
        size = try row.value("size")
        addedAt = try row.value("added_at")
        track = try row.optionalValue("track")
        albumLink = try row.optionalValue("album_link")
    }

    var content: FileContent { FileContent(sha256: sha256, size: size) }
}
