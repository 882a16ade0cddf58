import AudioFiles
import Foundation
import GRDB

extension FolderIndex {
    /// Returns the stored attributes of the files of some folders, by folder and name.
    func known(in folders: [String]) async throws -> [String: [String: FileStamp]] {
        try await pool.read { database in
            let statement = try database.cachedStatement(
                sql: "SELECT name, size, modified_ns, inode FROM file WHERE folder = ?")
            return try folders.reduce(into: [:]) { known, folder in
                let rows = try Row.fetchAll(statement, arguments: [folder])
                known[folder] = rows.reduce(into: [:]) { files, row in
                    files[row[0]] = FileStamp(size: row[1], modified: row[2], inode: row[3])
                }
            }
        }
    }

    /// Adds or replaces files. `root` is the tree that contains them.
    func store(_ files: [IndexedFile], under root: String) async throws {
        guard !files.isEmpty else { return }
        try await pool.write { database in
            for file in files {
                let id = try Self.storeRow(file, in: database)
                try database.execute(sql: "DELETE FROM file_text WHERE rowid = ?", arguments: [id])
                try Self.storeText(file, id: id, under: root, in: database)
            }
        }
    }

    /// Deletes files.
    func remove(_ files: [(folder: String, name: String)]) async throws {
        guard !files.isEmpty else { return }
        try await pool.write { database in
            for file in files {
                let arguments: StatementArguments = [file.folder, file.name]
                try database.execute(
                    sql: "DELETE FROM file_text WHERE rowid = (SELECT id FROM file WHERE folder = ? AND name = ?)",
                    arguments: arguments)
                try database.execute(sql: "DELETE FROM file WHERE folder = ? AND name = ?", arguments: arguments)
            }
        }
    }

    /// Deletes all files that are directly in a folder.
    func removeFolder(_ folder: String) async throws {
        try await pool.write { database in
            try database.execute(
                sql: "DELETE FROM file_text WHERE rowid IN (SELECT id FROM file WHERE folder = ?)", arguments: [folder])
            try database.execute(sql: "DELETE FROM file WHERE folder = ?", arguments: [folder])
        }
    }

    /// Returns all folders that have files in the index.
    func folders() async throws -> [String] {
        try await pool.read { try String.fetchAll($0, sql: "SELECT DISTINCT folder FROM file") }
    }

    func fileCount() async throws -> Int {
        try await pool.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM file") ?? 0 }
    }

    func hasFiles(under root: String) async throws -> Bool {
        try await pool.read { database in
            // The character after `/` is `0`, so this range is every path that begins with the root and a slash.
            try Bool.fetchOne(
                database,
                sql: "SELECT EXISTS (SELECT 1 FROM file WHERE folder = ? OR folder > ? AND folder < ?)",
                arguments: [root, root + "/", root + "0"]) ?? false
        }
    }

    /// Records that a tree was scanned completely.
    func markScanned(_ root: String) async throws {
        try await pool.write { database in
            try database.execute(
                sql: "INSERT INTO root VALUES (?, ?) ON CONFLICT (path) DO UPDATE SET scanned_at = excluded.scanned_at",
                arguments: [root, Date().ISO8601Format()])
        }
    }

    /// Returns the trees that were scanned completely at least once, by this process or an earlier one.
    func scannedRoots() async throws -> Set<String> {
        try await pool.read { try String.fetchSet($0, sql: "SELECT path FROM root") }
    }

    private static func storeRow(_ file: IndexedFile, in database: Database) throws -> Int64 {
        let (found, tags, properties) = (file.found, file.tags, file.properties)
        let statement = try database.cachedStatement(
            sql: """
                INSERT INTO file (folder, name, size, modified_ns, inode, duration_ms, bitrate_kbps, bit_depth,
                    sample_rate, title, artist, album, album_artist, track_number, disc_number, date, isrc, isrc_key)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (folder, name) DO UPDATE SET size = excluded.size, modified_ns = excluded.modified_ns,
                    inode = excluded.inode, duration_ms = excluded.duration_ms, bitrate_kbps = excluded.bitrate_kbps,
                    bit_depth = excluded.bit_depth, sample_rate = excluded.sample_rate, title = excluded.title,
                    artist = excluded.artist, album = excluded.album, album_artist = excluded.album_artist,
                    track_number = excluded.track_number, disc_number = excluded.disc_number, date = excluded.date,
                    isrc = excluded.isrc, isrc_key = excluded.isrc_key
                RETURNING id
                """)
        let stamp: StatementArguments = [
            found.folder, found.name, found.stamp.size, found.stamp.modified, found.stamp.inode,
        ]
        let audio: StatementArguments = [
            properties?.durationMS, properties?.bitrateKbps, properties?.bitDepth, properties?.sampleRate,
        ]
        let texts: StatementArguments = [
            tags.title, tags.artist, tags.album, tags.albumArtist, tags.trackNumber, tags.discNumber, tags.date,
            tags.isrc, FolderQuery.isrc(tags.isrc),
        ]
        return try Int64.fetchOne(statement, arguments: stamp + audio + texts) ?? 0
    }

    private static func storeText(
        _ file: IndexedFile, id: Int64, under root: String, in database: Database
    ) throws {
        let tags = file.tags
        let people = ([tags.artist, tags.albumArtist] + tags.artists).compactMap(\.self).joined(separator: " ")
        let stem = file.found.name.split(separator: ".").dropLast().joined(separator: ".")
        let path = "\(file.found.folder.dropFirst(root.count))/\(stem)"
        let statement = try database.cachedStatement(
            sql: "INSERT INTO file_text (rowid, title, people, album, path) VALUES (?, ?, ?, ?, ?)")
        let texts = [tags.title ?? "", people, tags.album ?? "", path].map(SearchText.indexed)
        try statement.execute(arguments: [id] + StatementArguments(texts))
    }
}
