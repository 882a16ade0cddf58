import Databases
import GRDB

extension Migration {
    /// Lets the outbox hold messages other than new jobs for the match stage, which have no route.
    static let routeOutbox = Migration(name: "009-route-outbox") { db in
        try db.execute(
            sql: """
                ALTER TABLE outbox ADD COLUMN exchange TEXT;
                ALTER TABLE outbox ADD COLUMN routing_key TEXT;
                ALTER TABLE outbox ADD COLUMN type TEXT;
                ALTER TABLE outbox ADD COLUMN headers TEXT;
                """)
    }
}
