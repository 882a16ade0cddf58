import Databases
import Foundation
import GRDB
import Synchronization
import TestSupport
import Testing

@Suite struct DatabaseFileTests {
    private static let first = Migration(name: "001-first") { try $0.execute(sql: "CREATE TABLE first (x)") }
    private static let second = Migration(name: "002-second") { try $0.execute(sql: "CREATE TABLE second (x)") }

    @Test func `Several openers of one new file migrate it once`() async throws {
        try await withTemporaryFolder { folder in
            let path = folder.path("test.db")
            let pools = try await withThrowingTaskGroup { group in
                for _ in 0..<8 {
                    group.addTask {
                        try DatabaseFile.open(path, Configuration(), DatabaseMigrator([Self.first, Self.second]))
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            for pool in pools {
                #expect(try await pool.read { try $0.tableExists("second") })
                try pool.close()
            }
        }
    }

    @Test func `A file of a newer version is refused and stays unchanged`() async throws {
        try await withTemporaryFolder { folder in
            let path = folder.path("test.db")
            try DatabaseFile.open(path, Configuration(), DatabaseMigrator([Self.first, Self.second])).close()
            let error = #expect(throws: NewerDatabase.self) {
                try DatabaseFile.open(path, Configuration(), DatabaseMigrator([Self.first]))
            }
            #expect(error?.path == path)
        }
    }

    @Test(.enabled(if: FrozenVolume.isPossible, "this user cannot mount FUSE volumes"))
    func `Reads open no files, so that a volume that hangs stops none of them before it is touched`() async throws {
        try await withTemporaryFolder { folder in
            let pool = try DatabaseFile.open(folder.path("test.db"), Configuration(), DatabaseMigrator([Self.first]))
            let count = pool.configuration.maximumReaderCount
            let volume = try FrozenVolume(over: folder.path)
            defer { volume.thaw() }
            let meeting = Meeting(of: count)
            try await withThrowingTaskGroup { group in
                for _ in 0..<count {
                    group.addTask {
                        try await pool.read { _ in meeting.attend() }
                    }
                }
                do {
                    try await eventually("all read at the same time") { meeting.isComplete }
                } catch {
                    // The calls that hang end with an error, and the test with this one.
                    meeting.end()
                    volume.thaw()
                    throw error
                }
                try await group.waitForAll()
            }
            volume.thaw()
            try pool.close()
        }
    }

    @Test func `A write that throws leaves nothing, and each write sets its own durability`() async throws {
        struct Failed: Error {}
        try await withTemporaryFolder { folder in
            let pool = try DatabaseFile.open(
                folder.path("test.db"), Configuration(), DatabaseMigrator([Self.first]))
            await #expect(throws: Failed.self) {
                try await pool.write(.onDisk) { db in
                    try db.execute(sql: "INSERT INTO first VALUES (1)")
                    throw Failed()
                }
            }
            #expect(try await pool.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM first") } == 0)
            for (durability, mode) in [(Durability.soon, 1), (.onDisk, 2)] {
                let found = try await pool.write(durability) { try Int.fetchOne($0, sql: "PRAGMA synchronous") }
                #expect(found == mode)
            }
            try pool.close()
        }
    }

    @Test func `Writes of one group are independent: one that throws does not undo the others`() async throws {
        struct Failed: Error {}
        try await withTemporaryFolder { folder in
            let pool = try DatabaseFile.open(
                folder.path("test.db"), Configuration(), DatabaseMigrator([Self.first]))
            let group = GroupCommit<Int>(pool)
            let results = await withTaskGroup { tasks in
                for number in 0..<200 {
                    tasks.addTask {
                        await Result {
                            try await group.commit { db in
                                try db.execute(sql: "INSERT INTO first VALUES (?)", arguments: [number])
                                guard !number.isMultiple(of: 4) else { throw Failed() }
                                return number
                            }
                        }
                    }
                }
                return await tasks.reduce(into: [Int]()) { found, result in
                    if let number = try? result.get() { found.append(number) }
                }
            }
            #expect(results.count == 150)
            let stored = try await pool.read { try Int.fetchAll($0, sql: "SELECT x FROM first ORDER BY x") }
            #expect(stored == results.sorted())
            try pool.close()
        }
    }
}

/// Lets readers wait until all of them read.
private final class Meeting: Sendable {
    private let count: Int
    private let state = Mutex((present: 0, isOver: false))

    init(of count: Int) { self.count = count }

    var isComplete: Bool { state.withLock { $0.present >= count } }

    func attend() {
        state.withLock { $0.present += 1 }
        while state.withLock({ $0.present < count && !$0.isOver }) {}
    }

    func end() { state.withLock { $0.isOver = true } }
}

extension Result where Failure == any Error {
    fileprivate init(_ body: () async throws -> Success) async {
        do { self = .success(try await body()) } catch { self = .failure(error) }
    }
}
