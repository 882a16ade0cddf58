import Databases
import GRDB

extension Migration {
    /// Creates the table of cached responses.
    static let createResponses = Migration(name: "001 create responses") { db in
        try db.create(table: "responses") { table in
            table.primaryKey("key", .text)
            table.column("etag", .text)
            table.column("body", .blob).notNull()
            table.column("size", .integer).notNull()
            table.column("validated_at", .integer).notNull().indexed()
            table.column("fresh_until", .integer).notNull()
        }
        // Covers the sum of all sizes, which each write computes.
        try db.create(index: "responses_on_size", on: "responses", columns: ["size"])
    }
}
