import Contracts
import Foundation
import ServiceKit
import TestSupport
import Testing

@testable import MoveService

@Suite struct `Move after a crash` {
    /// Expects what must hold after a completed move, after any number of crashes.
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
    func `a crash at any step leaves one file after the next run`(step: MoveStep) async throws {
        try await withTemporaryFolder { try Self.crashes(before: step, try MoveFixture($0)) }
    }

    @Test(arguments: MoveStep.allCases)
    func `a crash at any step of a copy leaves one file and no partial file`(step: MoveStep) async throws {
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
                    // A repeated move skips the steps that are complete.
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

    @Test func `a crash before the link leaves the name to another file`() async throws {
        try await withTemporaryFolder { folder in
            let fixture = try MoveFixture(folder)
            let job = try fixture.job()
            #expect(throws: Crash.self) { try fixture.mover().move(job, .crash(before: .link)) }
            try fixture.writeFile("another file", at: MoveFixture.first)
            #expect(try fixture.mover().move(job) == .moved("Artist/Album/01 Song (2).flac"))
            #expect(try fixture.files()[MoveFixture.first] == "another file")
            #expect(try fixture.files().count == 2)
        }
    }

    @Test func `a file that appears at the target just before the link is not replaced`() async throws {
        try await withTemporaryFolder { folder in
            let fixture = try MoveFixture(folder)
            let job = try fixture.job()
            let observer = MoveObserver(before: { step in
                let taken = fixture.music.appending(path: MoveFixture.first).path
                guard step == .link, !FileManager.default.fileExists(atPath: taken) else { return }
                try fixture.writeFile("another file", at: MoveFixture.first)
            })
            #expect(try fixture.mover().move(job, observer) == .moved("Artist/Album/01 Song (2).flac"))
            #expect(try fixture.files()[MoveFixture.first] == "another file")
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

    @Test func `a file in the library stays when the source is tagged again`() async throws {
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
}
