import Databases
import GRDB

extension Migration {
    /// Creates the table of secrets. `sealed` opens with the key `key_id` under the row's name.
    static let createSecrets = Migration(name: "001 create secrets") { db in
        try db.create(table: "secrets") { table in
            table.primaryKey("name", .text)
            table.column("key_id", .text).notNull()
            table.column("sealed", .blob).notNull()
            table.column("updated_at", .integer).notNull()
        }
    }
}
