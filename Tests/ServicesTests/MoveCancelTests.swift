import Contracts
import Foundation
import ServiceKit
import TestSupport
import Testing

@testable import MoveService

@Suite struct `A move that is cancelled` {
    /// What is abandoned leaves the library as it was; what is past that has its end when it is taken up again.
    private func abandoned(before step: MoveStep, _ world: MoveWorld) throws {
        let job = try world.job()
        #expect(throws: Crash(step: step)) { try world.mover().move(job, .crash(before: step)) }
        if try world.mover().abandon(job.job, key: job.dedupeKey) {
            #expect(try world.files() == [:])
            #expect(try world.index().move(of: job.job) == nil)
            #expect(world.hasStaging(job))
            // Another job may take the place.
            let next = try world.job()
            #expect(try world.mover().move(next) == .moved(MoveWorld.first))
        } else {
            #expect(try world.files()[MoveWorld.first] == "audio")
            #expect(try world.mover().move(job) == .moved(MoveWorld.first))
            try `Move after a crash`.expectOneFile(world, job)
        }
    }

    @Test(arguments: [MoveStep.reserve, .makeFolders, .prepare, .link, .record, .finish, .close])
    func `is taken back at any step before the library shows its file, and goes on after it`(
        step: MoveStep
    ) async throws {
        try await withTemporaryFolder { try abandoned(before: step, try MoveWorld($0)) }
    }

    @Test(arguments: MoveStep.allCases)
    func `leaves no part of a copy`(step: MoveStep) async throws {
        try await withTemporaryFolder { folder in
            try await withOtherFileSystem { try abandoned(before: step, try MoveWorld(folder, music: $0)) }
        }
    }

    @Test func `goes on when it has ended already, and is dropped when it has not begun`() async throws {
        try await withTemporaryFolder { folder in
            let world = try MoveWorld(folder)
            let job = try world.job()
            #expect(try world.mover().abandon(job.job, key: job.dedupeKey))
            #expect(try world.mover().move(job) == .moved(MoveWorld.first))
            #expect(try !world.mover().abandon(job.job, key: job.dedupeKey))
        }
    }

    @Test func `is left alone while another process is at it`() async throws {
        try await withTemporaryFolder { folder in
            let world = try MoveWorld(folder)
            let job = try world.job()
            let mover = try world.mover()
            let lock = try MoveLock.acquire(job: job.job.text, key: "else", in: mover.index.lockFile)
            let isAbandoned = try withExtendedLifetime(lock) {
                try mover.abandon(job.job, key: job.dedupeKey)
            }
            #expect(!isAbandoned)
        }
    }
}
