import Contracts
import Foundation
import TestSupport
import Testing

@testable import ServiceKit

struct CancelledJobsTests {
    private func with(_ test: (CancelledJobs, TemporaryFolder) async throws -> Void) async throws {
        try await withTemporaryFolder { folder in
            try await test(CancelledJobs(StagingArea(downloads: folder.url)), folder)
        }
    }

    @Test func `A marker cancels its generation and earlier ones, for every process`() async throws {
        try await with { cancelled, folder in
            let job = JobID()
            #expect(!cancelled.isCancelled(job, requeues: 0))
            try cancelled.cancel(job, requeues: 1)
            try cancelled.cancel(job, requeues: 0)
            let other = CancelledJobs(StagingArea(downloads: folder.url))
            #expect(other.isCancelled(job, requeues: 0) && other.isCancelled(job, requeues: 1))
            #expect(!other.isCancelled(job, requeues: 2) && !other.isCancelled(JobID(), requeues: 0))
            #expect(
                await other.cancelled(among: [
                    JobGeneration(job: job, requeues: 2), JobGeneration(job: job, requeues: 1),
                ]).count
                    == 1)
            #expect(await other.wasCancelled(job, within: .seconds(60)))
            #expect(await !other.wasCancelled(JobID(), within: .seconds(60)))
            // No drafts are left.
            let names = try FileManager.default.contentsOfDirectory(atPath: folder.path(".harmony/cancelled"))
            #expect(names == [job.text])
        }
    }

    @Test func `The cleanup of a cancelled generation spares a requeued job`() async throws {
        try await with { cancelled, _ in
            let job = JobID()
            try cancelled.cancel(job, requeues: 0)
            #expect(await !cancelled.hasSuccessor(JobGeneration(job: job, requeues: 0)))
            try cancelled.revive(job, requeues: 1)
            #expect(await cancelled.hasSuccessor(JobGeneration(job: job, requeues: 0)))
            #expect(await !cancelled.hasSuccessor(JobGeneration(job: job, requeues: 1)))
            #expect(cancelled.isCancelled(job, requeues: 0) && !cancelled.isCancelled(job, requeues: 1))
        }
    }

    @Test func `A marker without a number cancels nothing`() async throws {
        try await with { cancelled, folder in
            let job = JobID()
            try cancelled.cancel(job, requeues: 0)
            try Data().write(to: folder.file(".harmony/cancelled/\(job)"))
            #expect(!cancelled.isCancelled(job, requeues: 0))
            try cancelled.cancel(job, requeues: 0)
            #expect(cancelled.isCancelled(job, requeues: 0))
        }
    }

    @Test func `A marker that cannot be written is an error`() async throws {
        try await with { cancelled, folder in
            try Data().write(to: folder.file(".harmony"))
            #expect(throws: JobError.self) { try cancelled.cancel(JobID(), requeues: 0) }
        }
    }
}
