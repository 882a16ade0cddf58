import Databases
import GRDB

extension Migration {
    /// Creates the tables of sign-ins, of tokens, and of marks that can be spent a limited number of times.
    ///
    /// A sign-in is identified by the digest of its `state`.
    static let createSignIns = Migration(name: "002 create sign-ins") { db in
        try createSignInTable(db)
        try createTokenTable(db)
        try db.create(table: "spent") { table in
            table.primaryKey("mark", .text)
            table.column("kind", .text).notNull()
            table.column("expires_at", .integer).notNull()
        }
    }

    private static func createSignInTable(_ db: Database) throws {
        try db.create(table: "sign_ins") { table in
            table.primaryKey("state_digest", .text)
            table.column("key_id", .text).notNull()
            table.column("sealed", .blob).notNull()
            table.column("status", .text).notNull()
            table.column("error_code", .text)
            table.column("message", .text)
            table.column("created_at", .integer).notNull()
            table.column("expires_at", .integer).notNull()
            table.column("completed_at", .integer)
        }
    }

    private static func createTokenTable(_ db: Database) throws {
        try db.create(table: "tokens") { table in
            table.primaryKey("access", .text)
            table.column("key_id", .text).notNull()
            table.column("sealed", .blob).notNull()
            table.column("generation", .integer).notNull()
            table.column("consented_at", .integer)
            table.column("scope", .text).notNull()
            table.column("ended_because", .text)
            table.column("lease_owner", .text)
            table.column("lease_until", .integer)
            table.column("paused_until", .integer)
        }
    }
}
