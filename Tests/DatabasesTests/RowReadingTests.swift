import Databases
import Foundation
import GRDB
import Testing

@Suite struct RowReadingTests {
    private enum Color: String { case red, blue }

    private func withTable(_ test: (Database) throws -> Void) throws {
        let queue = try DatabaseQueue()
        try queue.write { db in
            try db.execute(
                sql: """
                    CREATE TABLE items (number INTEGER PRIMARY KEY, name, color, document);
                    INSERT INTO items VALUES (1, 'a', 'red', '{"x":1}'), (2, NULL, 'blue', x'7b7d'), (3, 'c', 'odd', 'no');
                    """)
            try test(db)
        }
    }

    @Test func `A row that cannot be read is skipped with its reason, and the others are returned`() throws {
        try withTable { db in
            var reasons: [String] = []
            let names = try db.readAll(
                "SELECT * FROM items ORDER BY number", skipped: { reasons.append($0.description) }
            ) { try $0.value("name", as: String.self) }
            #expect(names == ["a", "c"])
            #expect(reasons == ["column name is NULL"])
        }
    }

    @Test func `A value of another type, an unknown word and a missing column are errors that name the column`() throws
    {
        try withTable { db in
            let third = try #require(try Row.fetchOne(db, sql: "SELECT * FROM items WHERE number = 3"))
            #expect(throws: UnreadableRow.self) { try third.value("name", as: Int.self) }
            #expect(throws: UnreadableRow.self) { try third.optionalValue("absent", as: Int.self) }
            let error = #expect(throws: UnreadableRow.self) { try third.enumeration("color", as: Color.self) }
            #expect(error?.description == "column color has the unknown value 'odd'")
            let document = #expect(throws: UnreadableRow.self) {
                try third.decoded("document") { try JSONDecoder().decode([String: Int].self, from: $0) }
            }
            #expect(document?.column == "document")
        }
    }

    @Test func `Values, enumerations and documents are read, as text or as blob`() throws {
        try withTable { db in
            func decode(_ data: Data) throws -> [String: Int] {
                try JSONDecoder().decode([String: Int].self, from: data)
            }
            let documents = try db.readAll("SELECT * FROM items WHERE number < 3 ORDER BY number") { row in
                (try row.enumeration("color", as: Color.self), try row.decoded("document", decode))
            }
            #expect(documents.map(\.0) == [.red, .blue])
            #expect(documents.map(\.1) == [["x": 1], [:]])
            #expect(
                try db.readFirst("SELECT name FROM items WHERE number = 2", []) {
                    try $0.optionalValue("name", as: String.self)
                } == .some(nil))
        }
    }

    @Test func `Errors other than unreadable rows are thrown`() throws {
        struct Other: Error {}
        try withTable { db in
            #expect(throws: Other.self) { try db.readAll("SELECT * FROM items") { _ in throw Other() } }
        }
    }
}
