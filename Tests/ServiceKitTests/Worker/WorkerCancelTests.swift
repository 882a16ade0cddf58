import AMQP
import Contracts
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import ServiceKit

/// Messages of cancelled jobs at a stage.
@Suite(.enabled(if: TestBroker.isExpected, "\(TestBroker.setupHint)"))
struct WorkerCancelTests {
    @Test func `A message of a cancelled job is dropped, and one of its next generation is processed`() async throws {
        try await withTemporaryFolder { folder in
            let staging = StagingArea(downloads: folder.url)
            let cancelled = CancelledJobs(staging)
            let handler = AbandoningHandler { job in .completed(job) }
            let job = JobDocument.sample("cancelled")
            try cancelled.cancel(job.jobID, requeues: 0)
            try Data().write(to: try staging.makeFolder(of: job.jobID).appending(path: "half"))
            try await WorkerFixture.run(handler, downloads: folder.url) { fixture in
                var expired = job
                expired.expiresAt = .now + .seconds(-60)
                try await fixture.publish(expired)
                try await eventually("it is dropped") { handler.abandoned.count == 1 }
                try await eventually("its files are gone") {
                    !FileManager.default.fileExists(atPath: staging.folder(of: job.jobID).path)
                }
                var next = JobEnvelope()
                next.startOver()
                try await fixture.publish(job, next)
                try await eventually("it is done") { try await fixture.ready("hdm.q.download") == 1 }
            } check: { left in
                #expect(left.counts == ["hdm.q.download": 1, QueueName.gatewayEvents: 1])
                #expect(handler.calls == 1)
            }
        }
    }

    @Test
    func `Files of a requeued job stay when a message of the cancelled generation is dropped`()
        async throws
    {
        try await withTemporaryFolder { folder in
            let staging = StagingArea(downloads: folder.url)
            let cancelled = CancelledJobs(staging)
            let handler = AbandoningHandler { job in .completed(job) }
            let job = JobDocument.sample()
            try cancelled.cancel(job.jobID, requeues: 0)
            try cancelled.revive(job.jobID, requeues: 1)
            let file = try staging.makeFolder(of: job.jobID).appending(path: "new")
            try Data().write(to: file)
            try await WorkerFixture.run(handler, downloads: folder.url) { fixture in
                try await fixture.publish(job)
                let other = JobDocument.sample("behind it")
                try await fixture.publish(other)
                try await eventually("both are through") { try await fixture.ready("hdm.q.download") == 1 }
            } check: { left in
                #expect(handler.abandoned.isEmpty && handler.calls == 1)
                #expect(left["hdm.q.match"].isEmpty)
                #expect(FileManager.default.fileExists(atPath: file.path))
            }
        }
    }

    @Test func `The handler of a cancelled job is stopped and its work ended; other handlers continue`() async throws {
        try await withTemporaryFolder { folder in
            let cancelled = CancelledJobs(StagingArea(downloads: folder.url))
            let end = Door()
            let handler = AbandoningHandler { job in
                try await end.pass()
                return .completed(job)
            }
            let jobs = [JobDocument.sample("stop"), .sample("go on")]
            try await WorkerFixture.run(handler, downloads: folder.url) { fixture in
                for job in jobs { try await fixture.publish(job) }
                try await eventually("both are at work") { handler.calls == 2 }
                try cancelled.cancel(jobs[0].jobID, requeues: 0)
                try await eventually("one is ended") { handler.abandoned == [jobs[0].jobID] }
                end.open()
                try await eventually("the other is done") { try await fixture.ready("hdm.q.download") == 1 }
            } check: { left in
                #expect(left["hdm.q.download"].first?.job?.track.title == "go on")
                #expect(left.counts == ["hdm.q.download": 1, QueueName.gatewayEvents: 1])
            }
        }
    }

    @Test func `A job that can no longer be cancelled completes, even if its handler was stopped`() async throws {
        try await withTemporaryFolder { folder in
            let cancelled = CancelledJobs(StagingArea(downloads: folder.url))
            let job = JobDocument.sample()
            let handler = AbandoningHandler(isTooLate: true) { job in
                // The handler is stopped once and not again.
                if cancelled.isCancelled(job.jobID, requeues: 0) { return .completed(job) }
                try await Door().pass()
                return .completed(job)
            }
            try await WorkerFixture.run(handler, downloads: folder.url) { fixture in
                try await fixture.publish(job)
                try await eventually("it is at work") { handler.calls == 1 }
                try cancelled.cancel(job.jobID, requeues: 0)
                try await eventually("it is done") { try await fixture.ready("hdm.q.download") == 1 }
            } check: { left in
                #expect(left["hdm.q.download"].count == 1)
                #expect(handler.calls == 2)
            }
        }
    }

    @Test func `Work that cannot be ended is tried again in a minute`() async throws {
        try await withTemporaryFolder { folder in
            let cancelled = CancelledJobs(StagingArea(downloads: folder.url))
            let handler = AbandoningHandler(failure: JobError(.providerUnavailable, "away")) { job in .completed(job) }
            let job = JobDocument.sample()
            try cancelled.cancel(job.jobID, requeues: 0)
            try await WorkerFixture.run(handler, downloads: folder.url) { fixture in
                try await fixture.publish(job)
                try await eventually("it waits") { try await fixture.ready("hdm.retry.1m") == 1 }
            } check: { left in
                #expect(left.counts == ["hdm.retry.1m": 1])
                #expect(left["hdm.retry.1m"].first?.headers[MessageHeader.attempt] == 1)
            }
        }
    }

    @Test func `A cancelled job does not become a dead letter when its handler fails at that moment`() async throws {
        try await withTemporaryFolder { folder in
            let cancelled = CancelledJobs(StagingArea(downloads: folder.url))
            let handler = AbandoningHandler { job in
                try cancelled.cancel(job.jobID, requeues: 0)
                return .deadLetter(JobError(.noMatch, "no source offers it"))
            }
            try await WorkerFixture.run(handler, downloads: folder.url) { fixture in
                try await fixture.publish(.sample())
                try await eventually("it is dropped") { handler.abandoned.count == 1 }
            } check: { left in
                #expect(left.counts == [:])
            }
        }
    }
}

/// A handler that records the jobs that it has to abandon.
final class AbandoningHandler: StageHandler {
    let stage = Stage.match
    private let isTooLate: Bool
    private let failure: JobError?
    private let script: @Sendable (JobDocument) async throws -> Outcome
    private let state = Mutex<(calls: Int, abandoned: [JobID])>((0, []))

    init(
        isTooLate: Bool = false, failure: JobError? = nil,
        _ script: @escaping @Sendable (JobDocument) async throws -> Outcome
    ) {
        self.isTooLate = isTooLate
        self.failure = failure
        self.script = script
    }

    var calls: Int { state.withLock { $0.calls } }
    var abandoned: [JobID] { state.withLock { $0.abandoned } }

    func handle(_ job: JobDocument, _ context: JobContext) async throws -> Outcome {
        state.withLock { $0.calls += 1 }
        return try await script(job)
    }

    func abandon(_ job: JobDocument) async throws -> Bool {
        if let failure { throw failure }
        state.withLock { $0.abandoned.append(job.jobID) }
        return !isTooLate
    }
}
