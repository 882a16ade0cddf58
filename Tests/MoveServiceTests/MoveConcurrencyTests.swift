import Contracts
import Files
import Foundation
import GRDB
import ServiceKit
import TestSupport
import Testing

@testable import MoveService

@Suite struct `Moves at the same time` {
    private static let pool = BlockingPool(name: "move-test", threads: 8)

    /// Repeats the move while another worker is moving the same job, as redelivery does.
    static func moved(_ job: MoveRequest, _ fixture: MoveFixture) async throws -> MoveResult {
        let mover = try fixture.mover()
        let result = try await eventually("the job is moved", timeout: .seconds(60)) {
            let result = try await Self.pool.run { try mover.move(job) }
            return result == .busy ? nil : result
        }
        // Closing removes files. Without it, this would happen while the end of the test removes the folder.
        try mover.index.database.close()
        return result
    }

    static func results(_ jobs: [MoveRequest], _ fixture: MoveFixture) async throws -> [MoveResult] {
        try await withThrowingTaskGroup { group in
            for job in jobs { group.addTask { try await moved(job, fixture) } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
    }

    @Test func `many workers on one job leave one file and return the same result`() async throws {
        try await withTemporaryFolder { folder in
            let fixture = try MoveFixture(folder)
            let job = try fixture.job()
            let results = try await Self.results(Array(repeating: job, count: 12), fixture)
            #expect(results == Array(repeating: .moved(MoveFixture.first), count: 12))
            #expect(try fixture.files() == [MoveFixture.first: "audio"])
            #expect(try fixture.index().audit().count == 1)
        }
    }

    @Test func `jobs with the same name get a name each`() async throws {
        try await withTemporaryFolder { folder in
            let fixture = try MoveFixture(folder)
            let jobs = try (1...12).map { try fixture.job(content: "audio \($0)", key: "key \($0)") }
            let results = try await Self.results(jobs, fixture)
            #expect(Set(results.map { "\($0)" }).count == 12)
            #expect(try Set(fixture.files().values) == Set((1...12).map { "audio \($0)" }))
            #expect(try fixture.index().audit().count == 12)
        }
    }

    @Test func `jobs for the same recording leave one file`() async throws {
        try await withTemporaryFolder { folder in
            let fixture = try MoveFixture(folder)
            let jobs = try (1...12).map { try fixture.job("Song \($0)", content: "audio \($0)", key: "key") }
            let results = try await Self.results(jobs, fixture)
            #expect(results.count { if case .moved = $0 { true } else { false } } == 1)
            #expect(results.count { if case .duplicate = $0 { true } else { false } } == 11)
            #expect(try fixture.files().count == 1)
            #expect(jobs.allSatisfy { !fixture.hasStaging($0) })
        }
    }

    @Test func `copies of jobs with the same name leave no partial files`() async throws {
        try await withTemporaryFolder { folder in
            try await withOtherFileSystem { music in
                let fixture = try MoveFixture(folder, music: music)
                let jobs = try (1...8).map { try fixture.job(content: "audio \($0)", key: "key \($0)") }
                _ = try await Self.results(jobs + jobs, fixture)
                #expect(try Set(fixture.files().values) == Set((1...8).map { "audio \($0)" }))
            }
        }
    }

    @Test func `the index can be opened by many at once`() async throws {
        try await withTemporaryFolder { folder in
            let fixture = try MoveFixture(folder)
            try await withThrowingTaskGroup { group in
                for _ in 0..<8 {
                    group.addTask {
                        try await Self.pool.run {
                            let index = try fixture.index()
                            try index.check()
                            try index.database.close()
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    @Test func `a lock excludes other owners until it is released`() async throws {
        try await withTemporaryFolder { folder in
            let file = folder.path("lock")
            do {
                let lock = try FileLock.forMove(of: "a", key: "k", in: file)
                #expect(try Self.isFree("b", "k", file) == false)
                #expect(try Self.isFree("a", "l", file) == false)
                #expect(try Self.isFree("b", "l", file))
                // The same text as a job and as a key are two locks.
                #expect(try Self.isFree("k", "a", file))
                withExtendedLifetime(lock) {}
            }
            #expect(try Self.isFree("a", "k", file))
        }
    }

    static func isFree(_ job: String, _ key: String, _ file: String) throws -> Bool {
        if try FileLock.forMove(of: job, key: key, in: file) != nil { return true }
        return false
    }
}
