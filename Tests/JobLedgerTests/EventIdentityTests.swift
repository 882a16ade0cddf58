import Contracts
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import JobLedger

@Suite("Events of a job")
struct EventIdentityTests {
    private static let key = "nina simone|sinnerman|"

    private static func event(
        _ name: JobEvent.Name, _ stage: Stage, _ state: JobState, hop: Int, requeues: Int = 0, _ job: JobID
    ) -> JobEvent {
        .test(name, stage, state, hop: hop, requeues: requeues, job: job, key: key)
    }

    @Test func `count once for each generation, hop, stage and name, whatever their ids`() async throws {
        try await LedgerFixture.run { ledger in
            let job = try await ledger.submit(title: "Sinnerman").jobID
            let retry = Self.event(.retry, .download, .waiting, hop: 1, job)
            var twin = retry
            (twin.eventID, twin.message) = ("another id", "from a repeated message")
            #expect(try await ledger.store.apply([.job(retry), .job(twin), .job(retry)]) == 1)
            let other = Self.event(.retry, .download, .waiting, hop: 2, job)
            #expect(try await ledger.store.apply([.job(twin), .job(other)]) == 1)
            #expect(
                try await ledger.job(job).timeline.map(\.event) == [
                    "job.match.enqueued", "job.download.retry", "job.download.retry",
                ])
        }
    }

    @Test func `of steps are all kept`() async throws {
        try await LedgerFixture.run { ledger in
            let job = try await ledger.submit(title: "Sinnerman").jobID
            let document = JobDocument(jobID: job, track: Track(artist: "Nina Simone", title: "Sinnerman"))
            func step(_ text: String) -> LedgerEvent {
                .job(.step(text, of: document, at: .match, hop: 0, requeues: 0, attempt: 1, worker: "test"))
            }
            #expect(try await ledger.store.apply([step("first"), step("second")]) == 2)
        }
    }

    @Test func `of a foreign job may begin with a step: it has its key, and its document whenever that comes`()
        async throws
    {
        try await LedgerFixture.run { ledger in
            let id = try #require(JobID("elsewhere-1"))
            let job = JobDocument(
                jobID: id, dedupeKey: Self.key, track: Track(artist: "Nina Simone", title: "Sinnerman"))
            try await ledger.apply(.step("first", of: job, at: .tag, hop: 0, requeues: 0, attempt: 1, worker: "test"))
            #expect(try await ledger.submit(title: "Sinnerman").jobID == id)
            var late = Self.event(.completed, .tag, .moving, hop: 0, id)
            late.document = try ContractCoding.encode(job)
            try await ledger.apply(Self.event(.started, .move, .moving, hop: 1, id), late)
            _ = try await ledger.store.cancel(id, by: "bob", worker: "test")
            let stage = try await ledger.store.restart(id, by: "bob", worker: "test") { $0 + 1 }
            #expect(stage == .match)
        }
    }

    @Test(arguments: [true, false])
    func `of a dead letter permit a restart only if its message is gone`(_ isLost: Bool) async throws {
        try await LedgerFixture.run { ledger in
            let job = try await ledger.submit(title: "Sinnerman").jobID
            var end = Self.event(.deadLettered, .move, .deadLetter, hop: JobEvent.lastHop, job)
            end.isMessageLost = isLost
            try await ledger.apply(end)
            @Sendable func restart() async throws -> Stage {
                try await ledger.store.restart(job, by: "bob", worker: "test") { $0 + 1 }
            }
            guard isLost else {
                await #expect(throws: JobOrderError.self) { try await restart() }
                try await ledger.apply(Self.event(.purged, .move, .deadLetter, hop: JobEvent.lastHop, job))
                _ = try await restart()
                return
            }
            #expect(try await restart() == .match)
            #expect(try await ledger.job(job).summary.state == .queued)
            // Its next ending is another one.
            try await ledger.apply(Self.event(.deadLettered, .match, .deadLetter, hop: 1, requeues: 1, job))
            await #expect(throws: JobOrderError.self) { try await restart() }
        }
    }

    @Test func `of a new generation wait for rows of the outbox that can be read; others are reported`() async throws {
        try await LedgerFixture.run { ledger in
            for title in ["damaged", "whole"] { _ = try await ledger.submit(title: title) }
            try await ledger.store.writer.write { db in
                try db.execute(sql: "UPDATE outbox SET headers = 'x', exchange = 'e', type = 't' WHERE number = 1")
            }
            let rows = Mutex<[DamagedOutboxRow]>([])
            let entries = try await ledger.store.lease(10, to: "a", for: .zero) { row in
                rows.withLock { $0.append(row) }
            }
            #expect(entries.map(\.number) == [2])
            #expect(rows.withLock { $0.map(\.number) } == [1])
        }
    }

    @Test func `of an older generation change only the timeline`() async throws {
        try await LedgerFixture.run { ledger in
            let job = try await ledger.submit(title: "Sinnerman").jobID
            try await ledger.apply(
                Self.event(.deadLettered, .download, .deadLetter, hop: 1, job),
                Self.event(.requeued, .download, .queued, hop: 2, requeues: 1, job))
            for late in [
                Self.event(.started, .tag, .tagging, hop: 7, job), Self.event(.retry, .tag, .waiting, hop: 7, job),
                Self.event(.deadLettered, .tag, .deadLetter, hop: 8, job),
                Self.event(.cancelled, .tag, .cancelled, hop: 9, job),
            ] {
                try await ledger.apply(late)
                #expect(try await ledger.job(job).summary.state == .queued)
            }
            #expect(try await ledger.job(job).timeline.count == 7)
            #expect(try await ledger.submit(title: "Sinnerman").jobID == job)
        }
    }

    @Test func `that end a generation outweigh the rest of it, in any order`() async throws {
        let ids = (0..<24).map { _ in JobID() }
        try await LedgerFixture.run { ledger in
            for (seed, job) in ids.enumerated() {
                let events = [
                    Self.event(.started, .download, .downloading, hop: 9, job),
                    Self.event(.deadLettered, .match, .deadLetter, hop: 1, job),
                    Self.event(.retry, .download, .waiting, hop: 8, job),
                    Self.event(.completed, .match, .downloading, hop: 5, job),
                ]
                let order = [seed % 4, seed / 4 % 3, seed / 12 % 2]
                var left = events
                for index in order { try await ledger.apply(left.remove(at: index)) }
                try await ledger.apply(left[0])
                #expect(try await ledger.job(job).summary.state == .deadLetter)
            }
        }
    }

    @Test func `of a newer generation take the key again, and report another job that has it`() async throws {
        try await LedgerFixture.run { ledger in
            let job = try await ledger.submit(title: "Sinnerman").jobID
            try await ledger.apply(Self.event(.deadLettered, .download, .deadLetter, hop: 1, job))
            let moved = Self.event(.started, .download, .downloading, hop: 2, requeues: 1, job)
            #expect(try await ledger.store.project([.job(moved)]) == AppliedEvents(new: 1))
            #expect(try await ledger.submit(title: "Sinnerman").jobID == job)

            try await ledger.apply(Self.event(.deadLettered, .download, .deadLetter, hop: 2, requeues: 1, job))
            let other = try await ledger.submit(title: "Sinnerman").jobID
            #expect(other != job)
            let again = Self.event(.requeued, .download, .queued, hop: 3, requeues: 2, job)
            #expect(
                try await ledger.store.project([.job(again)])
                    == AppliedEvents(new: 1, conflicts: [KeyConflict(job: job, key: Self.key, holder: other)]))
            let detail = try await ledger.job(job)
            #expect(detail.summary.state == .queued)
            #expect(detail.timeline.map(\.message).contains("job \(other) holds the key of this recording"))
            #expect(try await ledger.submit(title: "Sinnerman").jobID == other)
        }
    }
}
