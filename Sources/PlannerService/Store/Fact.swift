import Databases
import GRDB

/// A single value that outlives the process.
enum Fact: String {
    /// The path of the library file at which the last backfill stopped.
    case backfillPosition = "backfill_position"
    /// The number of the job at which the last backfill stopped.
    case backfillJobPosition = "backfill_job_position"
    /// Not empty when a user was signed in at Spotify at the last check.
    case spotifySignIn = "spotify_sign_in"

    func value(_ db: Database) throws -> String? {
        try String.fetchOne(
            db.cachedStatement(sql: "SELECT value FROM facts WHERE name = ?"), arguments: [rawValue])
    }

    func set(_ value: String, _ db: Database) throws {
        try db.cachedStatement(
            sql: "INSERT INTO facts (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value"
        ).execute(arguments: [rawValue, value])
    }
}
