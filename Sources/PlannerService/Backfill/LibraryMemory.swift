import Contracts
import GRDB

/// What one backfill has read of the library: the keys of its tracks, and their albums.
struct LibraryMemory {
    private static let albumPrefix = "album:"

    /// The number of the backfill.
    let backfill: Int64

    /// The key that stores an album.
    static func albumKey(_ link: String) -> String { albumPrefix + link }

    /// The keys by which a track of the library and one of an album are the same recording.
    static func keys(of track: Track) -> [String] {
        var plain = track
        plain.album = nil
        var keys = [DedupeKey.of(plain)]
        plain.isrc = nil
        keys.append(DedupeKey.of(plain))
        if let id = track.spotifyID { keys.append("id:\(id)") }
        return keys
    }

    func add(_ key: String, _ db: Database) throws {
        if key.hasPrefix(Self.albumPrefix) {
            try db.cachedStatement(
                sql: "INSERT INTO backfill_albums (backfill, album) VALUES (?, ?) ON CONFLICT DO NOTHING"
            ).execute(arguments: [backfill, String(key.dropFirst(Self.albumPrefix.count))])
        } else {
            try db.cachedStatement(
                sql: "INSERT INTO backfill_tracks (backfill, key) VALUES (?, ?) ON CONFLICT DO NOTHING"
            ).execute(arguments: [backfill, key])
        }
    }

    func containsAny(of keys: [String], _ db: Database) throws -> Bool {
        let statement = try db.cachedStatement(
            sql: "SELECT EXISTS (SELECT 1 FROM backfill_tracks WHERE backfill = ? AND key = ?)")
        return try keys.contains { try Bool.fetchOne(statement, arguments: [backfill, $0]) ?? false }
    }
}
