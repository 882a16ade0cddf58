import Contracts
import Databases
import Files
import Foundation
import GRDB
import ServiceKit
import TestSupport
import Testing

@testable import MoveService

@Suite struct `Move index` {
    @Test func `an index of a newer version is refused`() async throws {
        try await withTemporaryFolder { folder in
            let fixture = try MoveFixture(folder)
            try fixture.index().write { database in
                try database.execute(sql: "INSERT INTO grdb_migrations VALUES ('999 from the future')")
            }
            #expect(throws: NewerDatabase.self) { try fixture.index() }
        }
    }

    @Test func `writes are on the disk when they return, by a write-ahead log`() async throws {
        try await withTemporaryFolder { folder in
            let index = try MoveFixture(folder).index()
            #expect(try index.read { try String.fetchOne($0, sql: "PRAGMA journal_mode") } == "wal")
            #expect(try index.write { try Int.fetchOne($0, sql: "PRAGMA synchronous") } == 2)
        }
    }

    @Test func `a key has one file, except for forced copies`() async throws {
        try await withTemporaryFolder { folder in
            let fixture = try MoveFixture(folder)
            let content = FileContent(sha256: "00", size: 1)
            var first = FileRecord(MoveRecord(try fixture.job(key: "key"), .intended, target: "a", content))
            let index = try fixture.index()
            try index.write { try first.insert($0) }
            first.path = "b"
            #expect(throws: DatabaseError.self) { try index.write { [first] in try first.insert($0) } }
            first.isForced = true
            try index.write { [first] in try first.insert($0) }
        }
    }

    @Test func `a reservation ends after a day`() async throws {
        try await withTemporaryFolder { folder in
            let fixture = try MoveFixture(folder)
            let index = try fixture.index()
            let content = FileContent(sha256: "00", size: 1)
            var old = MoveRecord(try fixture.job(), .intended, target: "Artist/A.flac", content)
            let new = MoveRecord(try fixture.job(), .intended, target: "artist/a.FLAC", content)
            #expect(try index.reserve(old))
            #expect(try !index.reserve(new))
            old.updatedAt = (Timestamp.now + .seconds(-90_000)).description
            #expect(try index.reserve(old))
            #expect(try index.reserve(new))
        }
    }

    @Test func `migrations have different names`() {
        let names = LibraryIndex.migrations.map(\.name)
        #expect(Set(names).count == names.count)
    }
}
