import Contracts
import Databases
import Foundation
import GRDB

/// A search result of the index.
struct FolderHit: Sendable {
    let offer: OfferedFile
    /// Whether the file has the wanted ISRC, or all words of the title and an artist. Then no further scan is needed.
    let isStrong: Bool
}

extension FolderIndex {
    /// Returns up to `limit` files, the most likely first.
    func search(_ query: FolderQuery, limit: Int) async throws -> [FolderHit] {
        guard limit > 0 else { return [] }
        return try await pool.read { database in
            var hits: [FolderHit] = []
            var seen: Set<Int64> = []
            // A row that cannot be read is left out; the next scan of its file replaces it.
            func add(_ rows: [Row], strong: Bool) {
                for row in rows where hits.count < limit && seen.insert(row["id"]).inserted {
                    guard let offer = try? Self.offer(row) else { continue }
                    hits.append(FolderHit(offer: offer, isStrong: strong))
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

    private static func files(matching query: String, _ limit: Int, _ database: Database) throws -> [Row] {
        try Row.fetchAll(
            database,
            sql: """
                SELECT file.* FROM (
                    SELECT rowid AS id, bm25(file_text, 10, 5, 2, 3) AS rank FROM file_text WHERE file_text MATCH ?
                    ORDER BY rank LIMIT ?
                ) AS found JOIN file USING (id) ORDER BY found.rank, file.id
                """, arguments: [query, limit])
    }

    private static func files(named title: String, _ limit: Int, _ database: Database) throws -> [Row] {
        try Row.fetchAll(
            database,
            sql: "SELECT * FROM file WHERE instr(title, ?) > 0 OR instr(name, ?) > 0 ORDER BY id LIMIT ?",
            arguments: [title, title, limit])
    }

    private static func offer(_ row: Row) throws -> OfferedFile {
        let path = "\(try row.value("folder", as: String.self))/\(try row.value("name", as: String.self))"
        var offer = OfferedFile(source: FolderSource.sourceName, path: path, size: try row.value("size"))
        offer.durationMS = try row.optionalValue("duration_ms")
        offer.bitrateKbps = try row.optionalValue("bitrate_kbps")
        offer.bitDepth = try row.optionalValue("bit_depth")
        offer.sampleRate = try row.optionalValue("sample_rate")
        var tags = OfferedTags()
        tags.title = try row.optionalValue("title")
        tags.artist = try row.optionalValue("artist")
        tags.album = try row.optionalValue("album")
        tags.albumArtist = try row.optionalValue("album_artist")
        tags.trackNumber = try row.optionalValue("track_number")
        tags.discNumber = try row.optionalValue("disc_number")
        tags.date = try row.optionalValue("date")
        tags.isrc = try row.optionalValue("isrc")
        offer.tags = tags == OfferedTags() ? nil : tags
        return offer
    }
}
