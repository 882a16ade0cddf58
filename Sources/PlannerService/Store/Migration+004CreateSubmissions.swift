import Databases
import GRDB

extension Migration {
    /// The bytes of submissions that are not answered yet, by table, row and step. The bytes are published unchanged
    /// until a response is applied.
    static let createSubmissions = Migration(name: "004-create-submissions") { db in
        try db.execute(
            sql: """
                CREATE TABLE submissions (
                    task TEXT NOT NULL,
                    number INTEGER NOT NULL,
                    step INTEGER NOT NULL,
                    body BLOB NOT NULL,
                    PRIMARY KEY (task, number, step)
                ) WITHOUT ROWID;
                """)
    }
}
