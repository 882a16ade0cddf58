import Databases

extension Migration {
    /// Adds the wanted recording, as JSON, and the album of a file in its catalogue. Earlier rows have neither.
    static let addTracks = Migration(name: "002 what files are") { database in
        try database.execute(
            sql: """
                ALTER TABLE moves ADD COLUMN track TEXT;
                ALTER TABLE files ADD COLUMN track TEXT;
                ALTER TABLE files ADD COLUMN album_link TEXT;
                """)
    }
}
