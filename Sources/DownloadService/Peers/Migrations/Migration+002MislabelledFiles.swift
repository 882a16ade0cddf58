import Databases
import GRDB

extension Migration {
    /// Files that were not the offered recording, by the track for which they were fetched.
    static let peers002MislabelledFiles = Migration(name: "002 false files") { db in
        try db.create(table: "false_files") { table in
            table.column("target", .text).notNull()
            table.column("user", .text).notNull()
            table.column("file", .text).notNull()
            table.column("code", .text).notNull()
            table.column("job", .text).notNull()
            table.column("at", .text).notNull().indexed()
            table.primaryKey(["target", "user", "file"])
        }
    }
}
