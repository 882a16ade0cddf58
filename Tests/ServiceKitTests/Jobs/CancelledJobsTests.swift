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

    @Test func `What is noted holds for that generation and those before it, and for every process`() async throws {
        try await with { cancelled, folder in
            let job = JobID()
            #expect(!cancelled.holds(job, requeues: 0))
            try cancelled.note(job, requeues: 1)
            try cancelled.note(job, requeues: 0)
            let other = CancelledJobs(StagingArea(downloads: folder.url))
            #expect(other.holds(job, requeues: 0) && other.holds(job, requeues: 1))
            #expect(!other.holds(job, requeues: 2) && !other.holds(JobID(), requeues: 0))
            #expect(
                await other.among([JobGeneration(job: job, requeues: 2), JobGeneration(job: job, requeues: 1)]).count
                    == 1)
            #expect(await other.wasNoted(job, within: .seconds(60)))
            #expect(await !other.wasNoted(JobID(), within: .seconds(60)))
            // Nothing but the one file.
            let names = try FileManager.default.contentsOfDirectory(atPath: folder.path(".harmony/cancelled"))
            #expect(names == [job.text])
        }
    }

    @Test func `A job that generations again is not cleared away with the generation before`() async throws {
        try await with { cancelled, _ in
            let job = JobID()
            try cancelled.note(job, requeues: 0)
            #expect(await !cancelled.hasSuccessor(JobGeneration(job: job, requeues: 0)))
            try cancelled.revive(job, requeues: 1)
            #expect(await cancelled.hasSuccessor(JobGeneration(job: job, requeues: 0)))
            #expect(await !cancelled.hasSuccessor(JobGeneration(job: job, requeues: 1)))
            #expect(cancelled.holds(job, requeues: 0) && !cancelled.holds(job, requeues: 1))
        }
    }

    @Test func `A file that says nothing cancels nothing`() async throws {
        try await with { cancelled, folder in
            let job = JobID()
            try cancelled.note(job, requeues: 0)
            try Data().write(to: folder.file(".harmony/cancelled/\(job)"))
            #expect(!cancelled.holds(job, requeues: 0))
            try cancelled.note(job, requeues: 0)
            #expect(cancelled.holds(job, requeues: 0))
        }
    }

    @Test func `A place that cannot be written is told`() async throws {
        try await with { cancelled, folder in
            try Data().write(to: folder.file(".harmony"))
            #expect(throws: JobError.self) { try cancelled.note(JobID(), requeues: 0) }
        }
    }
}
