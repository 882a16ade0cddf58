import Contracts
import Foundation
import TestSupport
import Testing

@testable import JobLedger

/// Clocks that are ahead: those of other hosts, and the ledger's own before somebody corrects it.
@Suite struct ClockTests {
    @Test func `An event of a worker whose clock is ahead is not later than its arrival, except in the timeline`()
        async throws
    {
        try await LedgerFixture.run { ledger in
            let id = try await ledger.submit(title: "Sinnerman").jobID
            let key = "nina simone|sinnerman|"
            let tomorrow = ledger.clock.now + .seconds(86_400)
            try await ledger.apply(.test(.started, .match, .matching, hop: 0, job: id, key: key, at: tomorrow))
            let arrival = ledger.clock.now
            ledger.clock.advance(by: .seconds(60))
            let running = try await ledger.job(id)
            #expect(running.summary.updatedAt == arrival)
            #expect(running.timeline.last?.at == tomorrow)
            try await ledger.apply(.test(.deadLettered, .match, .deadLetter, hop: 0, job: id, key: key, at: tomorrow))
            let ended = try await ledger.job(id).summary
            #expect(ended.updatedAt == ledger.clock.now)
            #expect(ended.endedAt == ledger.clock.now)
        }
    }

    @Test func `A job that only an event from the future names was not submitted in the future`() async throws {
        try await LedgerFixture.run { ledger in
            let id = try #require(JobID("foreign-1"))
            let tomorrow = ledger.clock.now + .seconds(86_400)
            try await ledger.apply(.test(.started, .tag, .tagging, hop: 0, job: id, key: "k", at: tomorrow))
            let job = try await ledger.job(id).summary
            #expect(job.submittedAt == ledger.clock.now)
            #expect(job.updatedAt == ledger.clock.now)
        }
    }

    @Test func `An event that arrives late keeps its own time`() async throws {
        try await LedgerFixture.run { ledger in
            let id = try await ledger.submit(title: "Sinnerman").jobID
            let before = ledger.clock.now
            ledger.clock.advance(by: .seconds(60))
            try await ledger.apply(
                .test(.started, .match, .matching, hop: 0, job: id, key: "nina simone|sinnerman|", at: before))
            #expect(try await ledger.job(id).summary.updatedAt == before)
        }
    }

    @Test func `A lease that was taken by a clock that was ahead holds nothing after its correction`() async throws {
        try await LedgerFixture.run { ledger in
            _ = try await ledger.submit(title: "Sinnerman")
            ledger.clock.advance(by: .seconds(86_400))
            #expect(try await ledger.store.lease(1, to: "gone", for: .seconds(15)).count == 1)
            ledger.clock.advance(by: .seconds(-86_400))
            let other = try ledger.secondStore()
            #expect(try await other.lease(1, to: "here", for: .seconds(15)).count == 1)
            #expect(try await ledger.store.lease(1, to: "there", for: .seconds(1)).isEmpty)
            try other.close()
        }
    }
}
