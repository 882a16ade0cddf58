import Databases
import GRDB

extension Migration {
    /// Files with their tags, their searchable text, and the roots that were scanned completely.
    static let folderIndex001Files = Migration(name: "001 files") { database in
        try database.execute(
            sql: """
                CREATE TABLE file (
                    id INTEGER PRIMARY KEY,
                    folder TEXT NOT NULL,
                    name TEXT NOT NULL,
                    size INTEGER NOT NULL,
                    modified_ns INTEGER NOT NULL,
                    inode INTEGER NOT NULL,
                    duration_ms INTEGER,
                    bitrate_kbps INTEGER,
                    bit_depth INTEGER,
                    sample_rate INTEGER,
                    title TEXT,
                    artist TEXT,
                    album TEXT,
                    album_artist TEXT,
                    track_number INTEGER,
                    disc_number INTEGER,
                    date TEXT,
                    isrc TEXT,
                    isrc_key TEXT,
                    UNIQUE (folder, name)
                ) STRICT;
                CREATE INDEX file_by_isrc ON file (isrc_key) WHERE isrc_key IS NOT NULL;
                CREATE VIRTUAL TABLE file_text USING fts5(
                    title, people, album, path, tokenize = "unicode61 remove_diacritics 2"
                );
                CREATE TABLE root (
                    path TEXT PRIMARY KEY,
                    scanned_at TEXT NOT NULL
                ) STRICT;
                """)
    }
}
