import Contracts
import Foundation
import GRDB

/// A file that the index found.
struct FolderHit: Sendable {
    let offer: OfferedFile
    /// It has the wanted ISRC, or all words of the title and an artist: another scan is not needed to find the file.
    let isStrong: Bool
}

extension FolderIndex {
    /// Up to `limit` files, the likeliest first.
    func search(_ query: FolderQuery, limit: Int) async throws -> [FolderHit] {
        guard limit > 0 else { return [] }
        return try await pool.read { database in
            var hits: [FolderHit] = []
            var seen: Set<Int64> = []
            func add(_ rows: [Row], strong: Bool) {
                for row in rows where hits.count < limit && seen.insert(row["id"]).inserted {
                    hits.append(FolderHit(offer: Self.offer(row), isStrong: strong))
                }
            }
            if let isrc = query.isrc { add(try Self.files(withISRC: isrc, limit, database), strong: true) }
            if let strict = query.strict { add(try Self.files(matching: strict, limit, database), strong: true) }
            if let literal = query.literal { add(try Self.files(named: literal, limit, database), strong: true) }
            if hits.count < limit, let loose = query.loose {
                add(try Self.files(matching: loose, limit, database), strong: false)
            }
            return hits
        }
    }

    private static func files(withISRC isrc: String, _ limit: Int, _ database: Database) throws -> [Row] {
        try Row.fetchAll(
            database, sql: "SELECT * FROM file WHERE isrc_key = ? ORDER BY id LIMIT ?", arguments: [isrc, limit])
    }

    private static func files(matching question: String, _ limit: Int, _ database: Database) throws -> [Row] {
        try Row.fetchAll(
            database,
            sql: """
                SELECT file.* FROM (
                    SELECT rowid AS id, bm25(file_text, 10, 5, 2, 3) AS rank FROM file_text WHERE file_text MATCH ?
                    ORDER BY rank LIMIT ?
                ) AS found JOIN file USING (id) ORDER BY found.rank, file.id
                """, arguments: [question, limit])
    }

    private static func files(named title: String, _ limit: Int, _ database: Database) throws -> [Row] {
        try Row.fetchAll(
            database,
            sql: "SELECT * FROM file WHERE instr(title, ?) > 0 OR instr(name, ?) > 0 ORDER BY id LIMIT ?",
            arguments: [title, title, limit])
    }

    private static func offer(_ row: Row) -> OfferedFile {
        let folder: String = row["folder"]
        let name: String = row["name"]
        var offer = OfferedFile(source: FolderSource.sourceName, path: "\(folder)/\(name)", size: row["size"])
        offer.durationMS = row["duration_ms"]
        offer.bitrateKbps = row["bitrate_kbps"]
        offer.bitDepth = row["bit_depth"]
        offer.sampleRate = row["sample_rate"]
        var tags = OfferedTags()
        tags.title = row["title"]
        tags.artist = row["artist"]
        tags.album = row["album"]
        tags.albumArtist = row["album_artist"]
        tags.trackNumber = row["track_number"]
        tags.discNumber = row["disc_number"]
        tags.date = row["date"]
        tags.isrc = row["isrc"]
        offer.tags = tags == OfferedTags() ? nil : tags
        return offer
    }
}
