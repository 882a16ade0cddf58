import Contracts
import Foundation
import GRDB
import ServiceKit
import TestSupport
import Testing

@testable import MoveService

@Suite struct `Move after a crash` {
    /// What must hold after any number of crashes, once a move has ended.
    static func expectOneFile(_ fixture: MoveFixture, _ job: MoveRequest) throws {
        #expect(try fixture.files() == [MoveFixture.first: "audio"])
        #expect(!fixture.hasStaging(job))
        #expect(fixture.staging.isFinished(job.job))
        let index = try fixture.index()
        #expect(try index.move(of: job.job)?.state == .done)
        #expect(try index.audit().map(\.action) == [.added])
        #expect(try index.file(at: MoveFixture.first)?.jobID == job.job.text)
    }

    static func crashes(before step: MoveStep, _ fixture: MoveFixture) throws {
        let job = try fixture.job()
        #expect(throws: Crash(step: step)) { try fixture.mover().move(job, .crash(before: step)) }
        #expect(try fixture.mover().move(job) == .moved(MoveFixture.first))
        try expectOneFile(fixture, job)
    }

    @Test(arguments: [MoveStep.reserve, .makeFolders, .prepare, .link, .record, .finish, .close])
    func `a crash at any step leaves one file in the end`(step: MoveStep) async throws {
        try await withTemporaryFolder { try Self.crashes(before: step, try MoveFixture($0)) }
    }

    @Test(arguments: MoveStep.allCases)
    func `a crash at any step of a copy leaves one file and no part of one`(step: MoveStep) async throws {
        try await withTemporaryFolder { folder in
            try await withOtherFileSystem { try Self.crashes(before: step, try MoveFixture(folder, music: $0)) }
        }
    }

    @Test func `crashes at every step in turn leave one file`() async throws {
        try await withTemporaryFolder { folder in
            try await withOtherFileSystem { music in
                let fixture = try MoveFixture(folder, music: music)
                let job = try fixture.job()
                for step in MoveStep.allCases {
                    // Some steps are behind already when the move is taken up again.
                    do {
                        _ = try fixture.mover().move(job, .crash(before: step))
                    } catch let crash as Crash {
                        #expect(crash.step == step)
                    }
                }
                #expect(try fixture.mover().move(job) == .moved(MoveFixture.first))
                try Self.expectOneFile(fixture, job)
            }
        }
    }

    @Test func `a crash before the link gives the name to who comes first`() async throws {
        try await withTemporaryFolder { folder in
            let fixture = try MoveFixture(folder)
            let job = try fixture.job()
            #expect(throws: Crash.self) { try fixture.mover().move(job, .crash(before: .link)) }
            try fixture.put("somebody's own", at: MoveFixture.first)
            #expect(try fixture.mover().move(job) == .moved("Artist/Album/01 Song (2).flac"))
            #expect(try fixture.files()[MoveFixture.first] == "somebody's own")
            #expect(try fixture.files().count == 2)
        }
    }

    @Test func `a place that appears at the last moment is respected`() async throws {
        try await withTemporaryFolder { folder in
            let fixture = try MoveFixture(folder)
            let job = try fixture.job()
            let watch = MoveWatch(before: { step in
                let taken = fixture.music.appending(path: MoveFixture.first).path
                guard step == .link, !FileManager.default.fileExists(atPath: taken) else { return }
                try fixture.put("somebody's own", at: MoveFixture.first)
            })
            #expect(try fixture.mover().move(job, watch) == .moved("Artist/Album/01 Song (2).flac"))
            #expect(try fixture.files()[MoveFixture.first] == "somebody's own")
        }
    }

    @Test func `a newly tagged copy is moved when the crash was before the link`() async throws {
        try await withTemporaryFolder { folder in
            let fixture = try MoveFixture(folder)
            let job = try fixture.job()
            #expect(throws: Crash.self) { try fixture.mover().move(job, .crash(before: .link)) }
            try fixture.stage("tagged again", of: job.job)
            #expect(try fixture.mover().move(job) == .moved(MoveFixture.first))
            #expect(try fixture.files() == [MoveFixture.first: "tagged again"])
        }
    }

    @Test func `a placed file survives that the source is made anew`() async throws {
        try await withTemporaryFolder { folder in
            let fixture = try MoveFixture(folder)
            let job = try fixture.job()
            #expect(throws: Crash.self) { try fixture.mover().move(job, .crash(before: .record)) }
            try FileManager.default.removeItem(at: fixture.staging.folder(of: job.job))
            try fixture.stage("tagged again", of: job.job)
            #expect(try fixture.mover().move(job) == .moved(MoveFixture.first))
            try Self.expectOneFile(fixture, job)
        }
    }

    @Test func `a file placed by a process that died counts for others with the same request`() async throws {
        try await withTemporaryFolder { folder in
            let fixture = try MoveFixture(folder)
            let job = try fixture.job(key: "wish")
            #expect(throws: Crash.self) { try fixture.mover().move(job, .crash(before: .record)) }
            let other = try fixture.job("Other", content: "other", key: "wish")
            #expect(try fixture.mover().move(other) == .duplicate(MoveFixture.first))
            #expect(try fixture.mover().move(job) == .moved(MoveFixture.first))
            #expect(try fixture.files() == [MoveFixture.first: "audio"])
            #expect(!fixture.hasStaging(job))
            #expect(try fixture.index().audit().map(\.action) == [.added, .duplicate])
        }
    }

    @Test func `a move that never came back gives way, and ends as a duplicate when it does`() async throws {
        try await withTemporaryFolder { folder in
            let fixture = try MoveFixture(folder)
            let job = try fixture.job(key: "wish")
            #expect(throws: Crash.self) { try fixture.mover().move(job, .crash(before: .link)) }
            let other = try fixture.job("Other", content: "other", key: "wish")
            #expect(try fixture.mover().move(other) == .moved("Artist/Album/01 Other.flac"))
            #expect(try fixture.mover().move(job) == .duplicate("Artist/Album/01 Other.flac"))
            #expect(try fixture.files().count == 1)
        }
    }

    @Test func `a place is reserved for a move that may come back`() async throws {
        try await withTemporaryFolder { folder in
            let fixture = try MoveFixture(folder)
            let job = try fixture.job(key: "one")
            #expect(throws: Crash.self) { try fixture.mover().move(job, .crash(before: .link)) }
            let other = try fixture.job(content: "other", key: "two")
            #expect(try fixture.mover().move(other) == .moved("Artist/Album/01 Song (2).flac"))
            #expect(try fixture.mover().move(job) == .moved(MoveFixture.first))
        }
    }

    @Test func `a source that vanished after the intent gives the place back`() async throws {
        try await withTemporaryFolder { folder in
            let fixture = try MoveFixture(folder)
            let job = try fixture.job()
            #expect(throws: Crash.self) { try fixture.mover().move(job, .crash(before: .makeFolders)) }
            fixture.staging.removeFiles(of: job.job)
            #expect(try fixture.mover().move(job) == .sourceMissing)
            #expect(try fixture.mover().move(try fixture.job()) == .moved(MoveFixture.first))
        }
    }

    @Test func `a lost index does not lose or repeat what the marker tells of`() async throws {
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
