import Databases
import GRDB

extension Migration {
    /// How far each table of a gateway that planned by itself was copied. `after` is the last copied row.
    static let createHandover = Migration(name: "005-create-handover") { db in
        try db.execute(
            sql: """
                CREATE TABLE handover (
                    source TEXT PRIMARY KEY NOT NULL,
                    after INTEGER NOT NULL DEFAULT 0,
                    is_complete INTEGER NOT NULL DEFAULT 0
                ) WITHOUT ROWID;
                """)
    }
}
