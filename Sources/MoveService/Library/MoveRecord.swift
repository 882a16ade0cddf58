import Contracts
import Databases
import Files
import Foundation
import GRDB

/// A row of the journal of moves: the target of a job's file, and the state of its move.
struct MoveRecord: Encodable, Sendable, Equatable, PersistableRecord {
    static let databaseTableName = "moves"

    enum State: String, Codable, Sendable {
        /// The target is chosen. The file may or may not have its name there.
        case intended
        /// The file is in the library and in the index. The job's own folder is still to be removed.
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
    /// The name of the partial file beside the target, for a copy.
    var temp: String
    /// Relative to the music folder.
    var target: String
    /// The target in the form in which equal names are equal texts.
    var targetFold: String
    var sha256: String
    var size: Int64
    var createdAt: String
    var updatedAt: String
    /// The wanted recording, as JSON; `nil` for moves of earlier versions.
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

    var content: FileContent { FileContent(sha256: sha256, size: size) }

    /// The partial file, relative to the music folder.
    var partial: String { folder.isEmpty ? temp : "\(folder)/\(temp)" }

    /// The folder of the target, relative to the music folder; empty for the music folder itself.
    var folder: String { target.lastIndex(of: "/").map { String(target[..<$0]) } ?? "" }
}

extension MoveRecord {
    /// - Throws: `UnreadableRow`.
    init(_ row: Row) throws {
        jobID = try row.value("job_id")
        dedupeKey = try row.value("dedupe_key")
        isForced = try row.value("is_forced")
        state = try row.enumeration("state")
        source = try row.value("source")
        temp = try row.value("temp")
        target = try row.value("target")
        targetFold = try row.value("target_fold")
        sha256 = try row.value("sha256")
        size = try row.value("size")
        createdAt = try row.value("created_at")
        updatedAt = try row.value("updated_at")
        track = try row.optionalValue("track")
    }
}
