import Contracts
import Files
import Foundation
import ServiceKit
import TestSupport
import Testing

@testable import MoveService

@Suite struct `A move that is cancelled` {
    /// An abandoned move leaves the library unchanged. A move that cannot be abandoned completes when it is repeated.
    private func abandoned(before step: MoveStep, _ fixture: MoveFixture) throws {
        let job = try fixture.job()
        #expect(throws: Crash(step: step)) { try fixture.mover().move(job, .crash(before: step)) }
        if try fixture.mover().abandon(job.job, key: job.dedupeKey) {
            #expect(try fixture.files() == [:])
            #expect(try fixture.index().move(of: job.job) == nil)
            #expect(fixture.hasStaging(job))
            // Another job can use the target.
            let next = try fixture.job()
            #expect(try fixture.mover().move(next) == .moved(MoveFixture.first))
        } else {
            #expect(try fixture.files()[MoveFixture.first] == "audio")
            #expect(try fixture.mover().move(job) == .moved(MoveFixture.first))
            try `Move after a crash`.expectOneFile(fixture, job)
        }
    }

    @Test(arguments: [MoveStep.reserve, .makeFolders, .prepare, .link, .record, .finish, .close])
    func `is withdrawn at any step before its file is in the library, and completes after it`(
        step: MoveStep
    ) async throws {
        try await withTemporaryFolder { try abandoned(before: step, try MoveFixture($0)) }
    }

    @Test(arguments: MoveStep.allCases)
    func `leaves no partial file`(step: MoveStep) async throws {
        try await withTemporaryFolder { folder in
            try await withOtherFileSystem { try abandoned(before: step, try MoveFixture(folder, music: $0)) }
        }
    }

    @Test func `is dropped when it has not begun, and continues when it has ended`() async throws {
        try await withTemporaryFolder { folder in
            let fixture = try MoveFixture(folder)
            let job = try fixture.job()
            #expect(try fixture.mover().abandon(job.job, key: job.dedupeKey))
            #expect(try fixture.mover().move(job) == .moved(MoveFixture.first))
            #expect(try !fixture.mover().abandon(job.job, key: job.dedupeKey))
        }
    }

    @Test func `is tried again later while another process is moving it`() async throws {
        try await withTemporaryFolder { folder in
            let fixture = try MoveFixture(folder)
            let job = try fixture.job()
            let mover = try fixture.mover()
            let lock = try FileLock.forMove(of: job.job.text, key: "else", in: mover.index.lockFile)
            withExtendedLifetime(lock) {
                _ = #expect(throws: JobError.self) { try mover.abandon(job.job, key: job.dedupeKey) }
            }
        }
    }
}
