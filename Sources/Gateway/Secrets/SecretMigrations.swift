import Databases
import GRDB

extension Migration {
    /// Every step of the database of secrets, in order.
    static let secrets: [Migration] = [.createSecrets, .createSignIns]

    /// Secrets that people gave: `sealed` opens with the key of `key_id` under the row's name.
    static let createSecrets = Migration(name: "001 create secrets") { db in
        try db.create(table: "secrets") { table in
            table.primaryKey("name", .text)
            table.column("key_id", .text).notNull()
            table.column("sealed", .blob).notNull()
            table.column("updated_at", .integer).notNull()
        }
    }

    /// Sign-ins that were begun, known by the digest of their `state`; what they ended with: tokens, and who renews them; and
    /// marks of what may be done once, or only so often.
    static let createSignIns = Migration(name: "002 create sign-ins") { db in
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
        try db.create(table: "spent") { table in
            table.primaryKey("mark", .text)
            table.column("kind", .text).notNull()
            table.column("expires_at", .integer).notNull()
        }
    }
}
