import Contracts
import Foundation
import GRDB
import ServiceKit
import TestSupport
import Testing

@testable import MoveService

@Suite struct `Move after a crash` {
    /// What must hold after any number of crashes, once a move has ended.
    static func expectOneFile(_ world: MoveWorld, _ job: MoveRequest) throws {
        #expect(try world.files() == [MoveWorld.first: "audio"])
        #expect(!world.hasStaging(job))
        #expect(world.staging.isFinished(job.job))
        let index = try world.index()
        #expect(try index.move(of: job.job)?.state == .done)
        #expect(try index.audit().map(\.action) == [.added])
        #expect(try index.file(at: MoveWorld.first)?.jobID == job.job.text)
    }

    static func crashes(before step: MoveStep, _ world: MoveWorld) throws {
        let job = try world.job()
        #expect(throws: Crash(step: step)) { try world.mover().move(job, .crash(before: step)) }
        #expect(try world.mover().move(job) == .moved(MoveWorld.first))
        try expectOneFile(world, job)
    }

    @Test(arguments: [MoveStep.reserve, .makeFolders, .prepare, .link, .record, .finish, .close])
    func `a crash at any step leaves one file in the end`(step: MoveStep) async throws {
        try await withTemporaryFolder { try Self.crashes(before: step, try MoveWorld($0)) }
    }

    @Test(arguments: MoveStep.allCases)
    func `a crash at any step of a copy leaves one file and no part of one`(step: MoveStep) async throws {
        try await withTemporaryFolder { folder in
            try await withOtherFileSystem { try Self.crashes(before: step, try MoveWorld(folder, music: $0)) }
        }
    }

    @Test func `crashes at every step in turn leave one file`() async throws {
        try await withTemporaryFolder { folder in
            try await withOtherFileSystem { music in
                let world = try MoveWorld(folder, music: music)
                let job = try world.job()
                for step in MoveStep.allCases {
                    // Some steps are behind already when the move is taken up again.
                    do {
                        _ = try world.mover().move(job, .crash(before: step))
                    } catch let crash as Crash {
                        #expect(crash.step == step)
                    }
                }
                #expect(try world.mover().move(job) == .moved(MoveWorld.first))
                try Self.expectOneFile(world, job)
            }
        }
    }

    @Test func `a crash before the link gives the name to who comes first`() async throws {
        try await withTemporaryFolder { folder in
            let world = try MoveWorld(folder)
            let job = try world.job()
            #expect(throws: Crash.self) { try world.mover().move(job, .crash(before: .link)) }
            try world.put("somebody's own", at: MoveWorld.first)
            #expect(try world.mover().move(job) == .moved("Artist/Album/01 Song (2).flac"))
            #expect(try world.files()[MoveWorld.first] == "somebody's own")
            #expect(try world.files().count == 2)
        }
    }

    @Test func `a place that appears at the last moment is respected`() async throws {
        try await withTemporaryFolder { folder in
            let world = try MoveWorld(folder)
            let job = try world.job()
            let watch = MoveWatch(before: { step in
                let taken = world.music.appending(path: MoveWorld.first).path
                guard step == .link, !FileManager.default.fileExists(atPath: taken) else { return }
                try world.put("somebody's own", at: MoveWorld.first)
            })
            #expect(try world.mover().move(job, watch) == .moved("Artist/Album/01 Song (2).flac"))
            #expect(try world.files()[MoveWorld.first] == "somebody's own")
        }
    }

    @Test func `a newly tagged copy is moved when the crash was before the link`() async throws {
        try await withTemporaryFolder { folder in
            let world = try MoveWorld(folder)
            let job = try world.job()
            #expect(throws: Crash.self) { try world.mover().move(job, .crash(before: .link)) }
            try world.stage("tagged again", of: job.job)
            #expect(try world.mover().move(job) == .moved(MoveWorld.first))
            #expect(try world.files() == [MoveWorld.first: "tagged again"])
        }
    }

    @Test func `a placed file survives that the source is made anew`() async throws {
        try await withTemporaryFolder { folder in
            let world = try MoveWorld(folder)
            let job = try world.job()
            #expect(throws: Crash.self) { try world.mover().move(job, .crash(before: .record)) }
            try FileManager.default.removeItem(at: world.staging.folder(of: job.job))
            try world.stage("tagged again", of: job.job)
            #expect(try world.mover().move(job) == .moved(MoveWorld.first))
            try Self.expectOneFile(world, job)
        }
    }

    @Test func `a file placed by a process that died counts for others with the same wish`() async throws {
        try await withTemporaryFolder { folder in
            let world = try MoveWorld(folder)
            let job = try world.job(key: "wish")
            #expect(throws: Crash.self) { try world.mover().move(job, .crash(before: .record)) }
            let other = try world.job("Other", content: "other", key: "wish")
            #expect(try world.mover().move(other) == .duplicate(MoveWorld.first))
            #expect(try world.mover().move(job) == .moved(MoveWorld.first))
            #expect(try world.files() == [MoveWorld.first: "audio"])
            #expect(!world.hasStaging(job))
            #expect(try world.index().audit().map(\.action) == [.added, .duplicate])
        }
    }

    @Test func `a move that never came back gives way, and ends as a duplicate when it does`() async throws {
        try await withTemporaryFolder { folder in
            let world = try MoveWorld(folder)
            let job = try world.job(key: "wish")
            #expect(throws: Crash.self) { try world.mover().move(job, .crash(before: .link)) }
            let other = try world.job("Other", content: "other", key: "wish")
            #expect(try world.mover().move(other) == .moved("Artist/Album/01 Other.flac"))
            #expect(try world.mover().move(job) == .duplicate("Artist/Album/01 Other.flac"))
            #expect(try world.files().count == 1)
        }
    }

    @Test func `a place is reserved for a move that may come back`() async throws {
        try await withTemporaryFolder { folder in
            let world = try MoveWorld(folder)
            let job = try world.job(key: "one")
            #expect(throws: Crash.self) { try world.mover().move(job, .crash(before: .link)) }
            let other = try world.job(content: "other", key: "two")
            #expect(try world.mover().move(other) == .moved("Artist/Album/01 Song (2).flac"))
            #expect(try world.mover().move(job) == .moved(MoveWorld.first))
        }
    }

    @Test func `a source that vanished after the intent gives the place back`() async throws {
        try await withTemporaryFolder { folder in
            let world = try MoveWorld(folder)
            let job = try world.job()
            #expect(throws: Crash.self) { try world.mover().move(job, .crash(before: .makeFolders)) }
            world.staging.removeFiles(of: job.job)
            #expect(try world.mover().move(job) == .sourceMissing)
            #expect(try world.mover().move(try world.job()) == .moved(MoveWorld.first))
        }
    }

    @Test func `a lost index does not lose or repeat what the marker tells of`() async throws {
        try await withTemporaryFolder { folder in
            let world = try MoveWorld(folder)
            let job = try world.job()
            _ = try world.mover().move(job)
            try world.index().write { try $0.execute(sql: "DELETE FROM moves") }
            #expect(try world.mover().move(job) == .moved(MoveWorld.first))
            #expect(try world.files().count == 1)
        }
    }
}
