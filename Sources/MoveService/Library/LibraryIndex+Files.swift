import Contracts
import Databases
import GRDB

extension LibraryIndex {
    /// Returns the files with this key; forced copies come last.
    ///
    /// - Throws: `UnreadableRow`, as a skipped row could hide a file and admit a second one.
    func files(_ dedupeKey: String) throws -> [FileRecord] {
        try read { database in
            try Row.fetchAll(
                database, sql: "SELECT * FROM files WHERE dedupe_key = ? ORDER BY is_forced, added_at",
                arguments: [dedupeKey]
            ).map(FileRecord.init(_:))
        }
    }

    /// Returns the file at a path relative to the music folder.
    func file(at path: String) throws -> FileRecord? {
        try read { try $0.readFirst("SELECT * FROM files WHERE path = ?", [path], FileRecord.init(_:)) }
    }

    /// Returns the file that a job moved.
    func file(of job: JobID) throws -> FileRecord? {
        try read { database in
            try database.readFirst(
                "SELECT * FROM files WHERE job_id = ? AND origin = 'moved'", [job.text], FileRecord.init(_:))
        }
    }

    /// Returns a page of the files, sorted by path.
    ///
    /// - Parameters:
    ///   - path: the last path of the page before.
    ///   - skipped: receives the reason for each row that cannot be read.
    /// - Returns: the files, and the path after which the next page begins.
    func files(
        after path: String?, limit: Int, skipped: (UnreadableRow) -> Void = { _ in }
    ) throws -> (files: [FileRecord], next: String?) {
        try read { database in
            var last: String?
            var count = 0
            let files = try database.readAll(
                "SELECT * FROM files WHERE path > ? ORDER BY path LIMIT ?", [path ?? "", limit], skipped: skipped
            ) { row in
                count += 1
                last = try row.value("path")
                return try FileRecord(row)
            }
            return (files, count == limit ? last : nil)
        }
    }

    /// Stores metadata that was found for a file. The file itself is not changed.
    ///
    /// - Returns: `false` when the file does not exist any more or has changed.
    func updateMetadata(_ track: Track, albumLink: String?, of path: String, _ sha256: String) throws -> Bool {
        let json = String(decoding: try ContractCoding.encode(track, sorted: true), as: UTF8.self)
        return try write { database in
            try database.execute(
                sql: """
                    UPDATE files SET track = ?, album_link = coalesce(?, album_link) WHERE path = ? AND sha256 = ?
                    """, arguments: [json, albumLink, path, sha256])
            return database.changesCount > 0
        }
    }

    /// Returns the audit trail, the oldest row first.
    func audit() throws -> [AuditRecord] {
        try read { try $0.readAll("SELECT * FROM audit ORDER BY id") { try AuditRecord($0) } }
    }
}
