import Contracts
import Testing

@testable import JobLedger

/// Recovery publishes the ending of a job whose document it cannot read, or no longer has, without the job's key.
struct EventWithoutKeyTests {
    @Test func `An ending without a key frees the key of its job and no other`() async throws {
        try await LedgerFixture.run { ledger in
            let first = try await ledger.submit(title: "One").jobID
            let second = try await ledger.submit(title: "Two").jobID
            try await ledger.apply(ending(of: first))
            #expect(try await ledger.job(first).summary.state == .deadLetter)
            // The key of the first job is free, so that the track becomes a new job. That of the second is held.
            #expect(try await ledger.submit(title: "One").status == .enqueued)
            #expect(try await ledger.submit(title: "Two").jobID == second)
        }
    }

    @Test func `An event without a key enters an unknown job and reserves nothing`() async throws {
        try await LedgerFixture.run { ledger in
            let job = JobID()
            var event = ending(of: job)
            (event.state, event.event) = (.waiting, "job.tag.waiting")
            try await ledger.apply(event)
            #expect(try await ledger.job(job).summary.state == .waiting)
            let other = JobID()
            event = ending(of: other)
            (event.state, event.event) = (.waiting, "job.tag.waiting")
            // A second job without a key is in conflict with nobody.
            let result = try await ledger.store.project([.job(event)])
            #expect(result.conflicts.isEmpty)
        }
    }

    private func ending(of job: JobID) -> JobEvent {
        let document = JobDocument(jobID: job, dedupeKey: "", track: Track(artist: "", title: ""))
        return JobEvent(
            .deadLettered, of: document, at: .tag, state: .deadLetter, hop: JobEvent.lastHop, attempt: 1,
            worker: "recovery")
    }
}
