import Databases
import GRDB

extension Migration {
    /// The record of each peer.
    static let peers001Peers = Migration(name: "001 peers") { db in
        try db.create(table: "peers") { table in
            table.primaryKey("user", .text)
            table.column("successes", .double).notNull()
            table.column("failures", .double).notNull()
            table.column("lies", .double).notNull()
            table.column("speed", .double)
            table.column("at", .text).notNull()
            table.column("banned_at", .text)
            table.column("ban_reason", .text)
        }
    }
}
