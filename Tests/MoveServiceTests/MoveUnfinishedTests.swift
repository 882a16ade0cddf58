import Contracts
import Foundation
import GRDB
import ServiceKit
import TestSupport
import Testing

@testable import MoveService

@Suite struct `Unfinished moves` {
    @Test func `a file moved by a process that died is a duplicate for other jobs with the same key`() async throws {
        try await withTemporaryFolder { folder in
            let fixture = try MoveFixture(folder)
            let job = try fixture.job(key: "key")
            #expect(throws: Crash.self) { try fixture.mover().move(job, .crash(before: .record)) }
            let other = try fixture.job("Other", content: "other", key: "key")
            #expect(try fixture.mover().move(other) == .duplicate(MoveFixture.first))
            #expect(try fixture.mover().move(job) == .moved(MoveFixture.first))
            #expect(try fixture.files() == [MoveFixture.first: "audio"])
            #expect(!fixture.hasStaging(job))
            #expect(try fixture.index().audit().map(\.action) == [.added, .duplicate])
        }
    }

    @Test func `an unfinished move does not block another job, and ends as a duplicate later`() async throws {
        try await withTemporaryFolder { folder in
            let fixture = try MoveFixture(folder)
            let job = try fixture.job(key: "key")
            #expect(throws: Crash.self) { try fixture.mover().move(job, .crash(before: .link)) }
            let other = try fixture.job("Other", content: "other", key: "key")
            #expect(try fixture.mover().move(other) == .moved("Artist/Album/01 Other.flac"))
            #expect(try fixture.mover().move(job) == .duplicate("Artist/Album/01 Other.flac"))
            #expect(try fixture.files().count == 1)
        }
    }

    @Test func `a target stays reserved for an unfinished move`() async throws {
        try await withTemporaryFolder { folder in
            let fixture = try MoveFixture(folder)
            let job = try fixture.job(key: "one")
            #expect(throws: Crash.self) { try fixture.mover().move(job, .crash(before: .link)) }
            let other = try fixture.job(content: "other", key: "two")
            #expect(try fixture.mover().move(other) == .moved("Artist/Album/01 Song (2).flac"))
            #expect(try fixture.mover().move(job) == .moved(MoveFixture.first))
        }
    }

    @Test func `a move whose source vanished releases its target`() async throws {
        try await withTemporaryFolder { folder in
            let fixture = try MoveFixture(folder)
            let job = try fixture.job()
            #expect(throws: Crash.self) { try fixture.mover().move(job, .crash(before: .makeFolders)) }
            fixture.staging.removeFiles(of: job.job)
            #expect(try fixture.mover().move(job) == .sourceMissing)
            #expect(try fixture.mover().move(try fixture.job()) == .moved(MoveFixture.first))
        }
    }

    @Test func `after the loss of the journal, the marker of the end prevents a second move`() async throws {
        try await withTemporaryFolder { folder in
            let fixture = try MoveFixture(folder)
            let job = try fixture.job()
            _ = try fixture.mover().move(job)
            try fixture.index().write { try $0.execute(sql: "DELETE FROM moves") }
            #expect(try fixture.mover().move(job) == .moved(MoveFixture.first))
            #expect(try fixture.files().count == 1)
        }
    }
}
