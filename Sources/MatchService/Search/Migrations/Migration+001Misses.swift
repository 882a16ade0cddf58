import Databases
import GRDB

extension Migration {
    /// Queries without a result, by source, with the time in seconds since 1970.
    static let match001Misses = Migration(name: "001 misses") { db in
        try db.create(table: "misses") { table in
            table.column("source", .text).notNull()
            table.column("query", .text).notNull()
            table.column("at", .integer).notNull().indexed()
            table.primaryKey(["source", "query"])
        }
    }
}
