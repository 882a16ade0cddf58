import Contracts
import Foundation
import ServiceKit
import TestSupport
import Testing

@testable import Gateway
@testable import JobLedger

@Suite struct GatewayIdempotencyTests {
    @Test func `A new track is enqueued, and shown as queued with its first event`() async throws {
        try await GatewayFixture.run { gateway in
            let item = try await gateway.submit(title: "Sinnerman")
            #expect(item.status == .enqueued)
            #expect(item.state == .queued)
            #expect(item.dedupeKey == "nina simone|sinnerman|")
            let job = try await gateway.job(item.jobID)
            #expect(job.summary.state == .queued)
            #expect(job.timeline.map(\.event) == ["job.match.enqueued"])
            #expect(try await gateway.store.outboxDepth() == 1)
        }
    }

    @Test func `A track whose job is active is already enqueued, forced or not`() async throws {
        try await GatewayFixture.run { gateway in
            let first = try await gateway.submit(title: "Sinnerman")
            try await gateway.apply(.test(.started, .match, .matching, hop: 0, job: first.jobID))
            for force in [false, true] {
                let again = try await gateway.submit(title: "  SINNERMAN ", force: force)
                #expect(again.status == .alreadyEnqueued)
                #expect(again.jobID == first.jobID)
                #expect(again.state == .matching)
            }
            #expect(try await gateway.store.outboxDepth() == 1)
        }
    }

    @Test(arguments: [JobEvent.Name.completed, .duplicate])
    func `A track that is in the library is already processed, with its path`(_ end: JobEvent.Name) async throws {
        try await GatewayFixture.run { gateway in
            let first = try await gateway.submit(title: "Sinnerman")
            let state: JobState = end == .completed ? .completed : .duplicate
            try await gateway.apply(
                .test(end, .move, state, hop: 3, job: first.jobID, path: "Nina Simone/Sinnerman.flac"))
            let again = try await gateway.submit(title: "Sinnerman")
            #expect(again.status == .alreadyProcessed)
            #expect(again.jobID == first.jobID)
            #expect(again.state == state)
            #expect(again.path == "Nina Simone/Sinnerman.flac")
        }
    }

    @Test func `Force starts a new job for a processed recording, and the old job stays completed`() async throws {
        try await GatewayFixture.run { gateway in
            let first = try await gateway.submit(title: "Sinnerman")
            try await gateway.apply(.test(.completed, .move, .completed, hop: 3, job: first.jobID, path: "a.flac"))
            let second = try await gateway.submit(title: "Sinnerman", force: true)
            #expect(second.status == .enqueued)
            #expect(second.jobID != first.jobID)
            #expect(try await gateway.job(first.jobID).summary.state == .completed)
            let entry = try #require(try await gateway.store.lease(10, to: "x", for: .seconds(1)).last)
            #expect(try ContractCoding.decode(JobDocument.self, from: entry.body).force == true)
            // A late word of the first job must not free or complete the key of the second.
            try await gateway.apply(.test(.deadLettered, .move, .deadLetter, hop: 9, job: first.jobID))
            #expect(try await gateway.submit(title: "Sinnerman").jobID == second.jobID)
        }
    }

    @Test func `A completed job holds its key only for the configured time`() async throws {
        var limits = AdmissionLimits()
        limits.processedFor = .seconds(3600)
        try await GatewayFixture.run(limits: limits) { gateway in
            let first = try await gateway.submit(title: "Sinnerman")
            try await gateway.apply(.test(.completed, .move, .completed, hop: 3, job: first.jobID, path: "a.flac"))
            gateway.clock.advance(by: .seconds(3599))
            #expect(try await gateway.submit(title: "Sinnerman").status == .alreadyProcessed)
            gateway.clock.advance(by: .seconds(2))
            let second = try await gateway.submit(title: "Sinnerman")
            #expect(second.status == .enqueued)
            #expect(second.jobID != first.jobID)
        }
    }

    @Test(arguments: [(JobEvent.Name.deadLettered, JobState.deadLetter), (.cancelled, .cancelled)])
    func `A job that was stopped frees its key`(_ name: JobEvent.Name, _ state: JobState) async throws {
        try await GatewayFixture.run { gateway in
            let first = try await gateway.submit(title: "Sinnerman")
            try await gateway.apply(.test(name, .match, state, hop: 0, job: first.jobID))
            let second = try await gateway.submit(title: "Sinnerman")
            #expect(second.status == .enqueued)
            #expect(second.jobID != first.jobID)
        }
    }

    @Test func `The same key twice in one batch makes one job`() async throws {
        try await GatewayFixture.run { gateway in
            let answer = try await gateway.submit(
                #"{"items":[{"artist":"A","title":"T"},{"artist":"B","title":"U"},{"artist":"a","title":"t "}]}"#)
            #expect(answer.items.map(\.status) == [.enqueued, .enqueued, .alreadyEnqueued])
            #expect(answer.items[2].jobID == answer.items[0].jobID)
            #expect(answer.items.map(\.index) == [0, 1, 2])
            #expect(try await gateway.store.outboxDepth() == 2)
        }
    }

    @Test func `The dedupe key of a batch separates its tracks from those of other batches`() async throws {
        try await GatewayFixture.run { gateway in
            let items = #""items":[{"artist":"A","title":"T","isrc":"us-abc-26-00001"}]"#
            let first = try await gateway.submit("{\"dedupe_key\":\"monday\",\(items)}")
            let second = try await gateway.submit("{\"dedupe_key\":\"tuesday\",\(items)}")
            let third = try await gateway.submit("{\"dedupe_key\":\"monday\",\(items)}")
            #expect(first.items[0].dedupeKey == "monday:USABC2600001")
            #expect(second.items[0].status == .enqueued)
            #expect(third.items[0].jobID == first.items[0].jobID)
        }
    }

    @Test func `Concurrent submissions of one track by two processes create exactly one job`() async throws {
        try await GatewayFixture.run { gateway in
            let other = try gateway.secondStore()
            let elsewhere = Intake(other, limits: AdmissionLimits(), outbox: WakeSignal(), worker: "other")
            let body = Data(#"{"items":[{"artist":"Nina Simone","title":"Sinnerman"}]}"#.utf8)
            let answers = try await withThrowingTaskGroup { group in
                for number in 0..<64 {
                    let intake = number.isMultiple(of: 2) ? gateway.intake : elsewhere
                    group.addTask { try await intake.submit(body).response.items[0] }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(answers.count { $0.status == .enqueued } == 1)
            #expect(Set(answers.map(\.jobID)).count == 1)
            #expect(try await gateway.store.jobs(JobFilter()).total == 1)
            #expect(try await other.outboxDepth() == 1)
            try other.close()
        }
    }

    @Test func `A repeated Idempotency-Key gets the stored response, also after the job has ended`() async throws {
        try await GatewayFixture.run { gateway in
            let body = #"{"items":[{"artist":"A","title":"T"},{"artist":"A","title":"T"}]}"#
            let key = ReplayKey("k", scope: "client", body: Data(body.utf8), origin: .publisher)
            let first = try await gateway.submit(body, replay: key)
            try await gateway.apply(
                .test(.deadLettered, .match, .deadLetter, hop: 0, job: first.items[0].jobID, key: "a|t|"))
            #expect(try await gateway.submit(body, replay: key) == first)
            #expect(try await gateway.store.jobs(JobFilter()).total == 1)
        }
    }

    @Test
    func `An Idempotency-Key with another body is a conflict that stores nothing; the key of another client is not`()
        async throws
    {
        try await GatewayFixture.run { gateway in
            let first = #"{"items":[{"artist":"A","title":"T"}]}"#
            let second = #"{"items":[{"artist":"A","title":"U"}]}"#
            func key(_ scope: String, _ body: String) -> ReplayKey {
                ReplayKey("k", scope: scope, body: Data(body.utf8), origin: .publisher)
            }
            _ = try await gateway.submit(first, replay: key("alice", first))
            await #expect {
                try await gateway.submit(second, replay: key("alice", second))
            } throws: {
                if case .conflict? = $0 as? IntakeError { true } else { false }
            }
            #expect(try await gateway.store.outboxDepth() == 1)
            #expect(try await gateway.submit(second, replay: key("bob", second)).items[0].status == .enqueued)
        }
    }

    @Test func `An Idempotency-Key expires after a day`() async throws {
        try await GatewayFixture.run { gateway in
            let first = #"{"items":[{"artist":"A","title":"T"}]}"#
            let second = #"{"items":[{"artist":"A","title":"U"}]}"#
            _ = try await gateway.submit(
                first, replay: ReplayKey("k", scope: "", body: Data(first.utf8), origin: .publisher))
            gateway.clock.advance(by: .seconds(86_401))
            let answer = try await gateway.submit(
                second, replay: ReplayKey("k", scope: "", body: Data(second.utf8), origin: .publisher))
            #expect(answer.items[0].status == .enqueued)
        }
    }

    @Test func `A redelivered message gets its first response; a message that is published again does not`()
        async throws
    {
        try await GatewayFixture.run { gateway in
            let body = #"{"items":[{"artist":"A","title":"T"}]}"#
            func key(redelivered: Bool) -> ReplayKey {
                ReplayKey("id", scope: "amqp", body: Data(body.utf8), origin: .message(redelivered: redelivered))
            }
            let first = try await gateway.submit(body, replay: key(redelivered: false))
            #expect(try await gateway.submit(body, replay: key(redelivered: true)) == first)
            let again = try await gateway.submit(body, replay: key(redelivered: false))
            #expect(again.items.map(\.status) == [.alreadyEnqueued])
            #expect(again.items[0].jobID == first.items[0].jobID)
        }
    }
}
