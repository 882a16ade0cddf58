import Contracts
import Foundation
import ServiceKit
import TestSupport
import Testing

@testable import MoveService

@Suite struct `A move that is cancelled` {
    /// What is abandoned leaves the library as it was; what is past that has its end when it is taken up again.
    private func abandoned(before step: MoveStep, _ fixture: MoveFixture) throws {
        let job = try fixture.job()
        #expect(throws: Crash(step: step)) { try fixture.mover().move(job, .crash(before: step)) }
        if try fixture.mover().abandon(job.job, key: job.dedupeKey) {
            #expect(try fixture.files() == [:])
            #expect(try fixture.index().move(of: job.job) == nil)
            #expect(fixture.hasStaging(job))
            // Another job may take the place.
            let next = try fixture.job()
            #expect(try fixture.mover().move(next) == .moved(MoveFixture.first))
        } else {
            #expect(try fixture.files()[MoveFixture.first] == "audio")
            #expect(try fixture.mover().move(job) == .moved(MoveFixture.first))
            try `Move after a crash`.expectOneFile(fixture, job)
        }
    }

    @Test(arguments: [MoveStep.reserve, .makeFolders, .prepare, .link, .record, .finish, .close])
    func `is taken back at any step before the library shows its file, and goes on after it`(
        step: MoveStep
    ) async throws {
        try await withTemporaryFolder { try abandoned(before: step, try MoveFixture($0)) }
    }

    @Test(arguments: MoveStep.allCases)
    func `leaves no part of a copy`(step: MoveStep) async throws {
        try await withTemporaryFolder { folder in
            try await withOtherFileSystem { try abandoned(before: step, try MoveFixture(folder, music: $0)) }
        }
    }

    @Test func `goes on when it has ended already, and is dropped when it has not begun`() async throws {
        try await withTemporaryFolder { folder in
            let fixture = try MoveFixture(folder)
            let job = try fixture.job()
            #expect(try fixture.mover().abandon(job.job, key: job.dedupeKey))
            #expect(try fixture.mover().move(job) == .moved(MoveFixture.first))
            #expect(try !fixture.mover().abandon(job.job, key: job.dedupeKey))
        }
    }

    @Test func `is left alone while another process is at it`() async throws {
        try await withTemporaryFolder { folder in
            let fixture = try MoveFixture(folder)
            let job = try fixture.job()
            let mover = try fixture.mover()
            let lock = try MoveLock.acquire(job: job.job.text, key: "else", in: mover.index.lockFile)
            let isAbandoned = try withExtendedLifetime(lock) {
                try mover.abandon(job.job, key: job.dedupeKey)
            }
            #expect(!isAbandoned)
        }
    }
}
