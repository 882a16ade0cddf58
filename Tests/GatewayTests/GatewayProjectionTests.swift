import Contracts
import Foundation
import TestSupport
import Testing

@testable import Gateway
@testable import JobLedger

@Suite struct GatewayProjectionTests {
    /// The whole way of a job.
    static func way(_ job: JobID) -> [JobEvent] {
        [
            .test(.started, .match, .matching, hop: 0, job: job),
            .test(.completed, .match, .downloading, hop: 0, job: job),
            .test(.started, .download, .downloading, hop: 1, job: job),
            .test(.retry, .download, .waiting, hop: 1, job: job),
            .test(.started, .download, .downloading, hop: 2, job: job),
            .test(.completed, .download, .tagging, hop: 2, job: job),
            .test(.started, .tag, .tagging, hop: 3, job: job),
            .test(.completed, .tag, .moving, hop: 3, job: job),
            .test(.started, .move, .moving, hop: 4, job: job),
            .test(.completed, .move, .completed, hop: 4, job: job, path: "Nina Simone/Sinnerman.flac"),
        ]
    }

    @Test func `Each event changes the state of the job`() async throws {
        try await GatewayFixture.run { gateway in
            let id = try await gateway.submit(title: "Sinnerman").jobID
            var states: [JobState] = []
            for event in Self.way(id) {
                try await gateway.apply(event)
                states.append(try await gateway.job(id).summary.state)
            }
            #expect(
                states == [
                    .matching, .downloading, .downloading, .waiting, .downloading, .tagging, .tagging, .moving, .moving,
                    .completed,
                ])
            let job = try await gateway.job(id)
            #expect(job.summary.path == "Nina Simone/Sinnerman.flac")
            #expect(job.summary.endedAt != nil)
            #expect(job.timeline.count == 11)
            #expect(job.timeline.map(\.sequence) == [0] + Self.way(id).map(\.sequence))
        }
    }

    @Test func `Events in any order, and repeated, end in the same state and the same history`() async throws {
        for round in 0..<20 {
            try await GatewayFixture.run { gateway in
                let id = try await gateway.submit(title: "Sinnerman").jobID
                var random = SeededGenerator(seed: UInt64(round))
                let events = (Self.way(id) + Self.way(id)).shuffled(using: &random)
                for chunk in 0..<4 {
                    _ = try await gateway.store.apply(Array(events[chunk * 5..<chunk * 5 + 5]))
                }
                let job = try await gateway.job(id)
                #expect(job.summary.state == .completed)
                #expect(job.summary.path == "Nina Simone/Sinnerman.flac")
                #expect(job.timeline.map(\.sequence) == [0] + Self.way(id).map(\.sequence))
                #expect(try await gateway.submit(title: "Sinnerman").status == .alreadyProcessed)
            }
        }
    }

    @Test func `A late start does not show an ended job as running`() async throws {
        try await GatewayFixture.run { gateway in
            let id = try await gateway.submit(title: "Sinnerman").jobID
            try await gateway.apply(.test(.deadLettered, .download, .deadLetter, hop: 1, job: id))
            try await gateway.apply(.test(.started, .download, .downloading, hop: 1, job: id))
            #expect(try await gateway.job(id).summary.state == .deadLetter)
            #expect(try await gateway.submit(title: "Sinnerman").status == .enqueued)
        }
    }

    @Test func `A completed job stays completed after events of a second copy`() async throws {
        try await GatewayFixture.run { gateway in
            let id = try await gateway.submit(title: "Sinnerman").jobID
            try await gateway.apply(.test(.completed, .move, .completed, hop: 3, job: id, path: "a.flac"))
            for event in [
                JobEvent.test(.started, .tag, .tagging, hop: 5, job: id),
                .test(.deadLettered, .tag, .deadLetter, hop: 5, job: id),
                .test(.duplicate, .move, .duplicate, hop: 6, job: id, path: "b.flac"),
            ] {
                try await gateway.apply(event)
                #expect(try await gateway.job(id).summary.state == .completed)
            }
            #expect(try await gateway.submit(title: "Sinnerman").path == "a.flac")
        }
    }

    @Test func `A failure has a code, a message and the time of the next attempt; the next start clears them`()
        async throws
    {
        try await GatewayFixture.run { gateway in
            let id = try await gateway.submit(title: "Sinnerman").jobID
            var retry = JobEvent.test(.retry, .download, .waiting, hop: 1, job: id)
            retry.code = .providerUnavailable
            retry.message = "slskd is away"
            retry.notBefore = Timestamp(Date(timeIntervalSince1970: 1_800_000_500))
            try await gateway.apply(retry)
            let waiting = try await gateway.job(id).summary
            #expect(waiting.code == .providerUnavailable)
            #expect(waiting.message == "slskd is away")
            #expect(waiting.notBefore == retry.notBefore)
            try await gateway.apply(.test(.started, .download, .downloading, hop: 2, job: id))
            let running = try await gateway.job(id).summary
            #expect(running.code == nil)
            #expect(running.notBefore == nil)
        }
    }

    @Test func `A completed copy wins over one that was given up, in either order`() async throws {
        for isCompletedFirst in [true, false] {
            try await GatewayFixture.run { gateway in
                let id = try await gateway.submit(title: "Sinnerman").jobID
                let completed = JobEvent.test(.completed, .move, .completed, hop: 3, job: id, path: "a.flac")
                let dead = JobEvent.test(.deadLettered, .download, .deadLetter, hop: 7, job: id)
                for event in isCompletedFirst ? [completed, dead] : [dead, completed] { try await gateway.apply(event) }
                #expect(try await gateway.job(id).summary.state == .completed)
                #expect(try await gateway.submit(title: "Sinnerman").status == .alreadyProcessed)
            }
        }
    }

    @Test func `A dead job that is sent back to work is open again, holds its key again, and can end again`()
        async throws
    {
        try await GatewayFixture.run { gateway in
            let id = try await gateway.submit(title: "Sinnerman").jobID
            let dead = JobEvent.test(.deadLettered, .download, .deadLetter, hop: 1, job: id)
            let requeued = JobEvent.test(.requeued, .download, .queued, hop: 2, requeues: 1, job: id)
            try await gateway.apply(dead, requeued, dead)
            #expect(try await gateway.job(id).summary.state == .queued)
            #expect(try await gateway.job(id).summary.endedAt == nil)
            let again = try await gateway.submit(title: "Sinnerman")
            #expect(again.status == .alreadyEnqueued)
            #expect(again.jobID == id)
            try await gateway.apply(
                .test(.started, .download, .downloading, hop: 3, requeues: 1, job: id), requeued)
            #expect(try await gateway.job(id).summary.state == .downloading)
            try await gateway.apply(.test(.deadLettered, .download, .deadLetter, hop: 3, requeues: 1, job: id))
            #expect(try await gateway.job(id).summary.state == .deadLetter)
            #expect(try await gateway.submit(title: "Sinnerman").status == .enqueued)
        }
    }

    @Test func `A purged dead letter stays one, and its key stays free`() async throws {
        try await GatewayFixture.run { gateway in
            let id = try await gateway.submit(title: "Sinnerman").jobID
            try await gateway.apply(
                .test(.deadLettered, .download, .deadLetter, hop: 1, job: id),
                .test(.purged, .download, .deadLetter, hop: 2, job: id))
            #expect(try await gateway.job(id).summary.state == .deadLetter)
            #expect(try await gateway.submit(title: "Sinnerman").status == .enqueued)
        }
    }

    @Test func `A dead job that starts again opens it; a key that was given away meanwhile stays where it is`()
        async throws
    {
        try await GatewayFixture.run { gateway in
            let first = try await gateway.submit(title: "Sinnerman").jobID
            try await gateway.apply(.test(.deadLettered, .download, .deadLetter, hop: 1, job: first))
            let second = try await gateway.submit(title: "Sinnerman").jobID
            try await gateway.apply(.test(.started, .download, .downloading, hop: 2, requeues: 1, job: first))
            #expect(try await gateway.job(first).summary.state == .downloading)
            #expect(try await gateway.submit(title: "Sinnerman").jobID == second)
            try await gateway.apply(
                .test(.completed, .move, .completed, hop: 5, requeues: 1, job: first, path: "a.flac"))
            #expect(try await gateway.submit(title: "Sinnerman").status == .alreadyEnqueued)
        }
    }

    @Test func `A job of another service is created from its events and holds its key`() async throws {
        try await GatewayFixture.run { gateway in
            let id = try #require(JobID("elsewhere-1"))
            try await gateway.apply(.test(.started, .match, .matching, hop: 0, job: id))
            let job = try await gateway.job(id)
            #expect(job.summary.state == .matching)
            #expect(job.summary.artist == "Nina Simone")
            #expect(job.document == nil)
            #expect(try await gateway.submit(title: "Sinnerman").jobID == id)
            try await gateway.apply(.test(.completed, .move, .completed, hop: 3, job: id, path: "a.flac"))
            #expect(try await gateway.submit(title: "Sinnerman").status == .alreadyProcessed)
        }
    }

    @Test func `Two processes that apply the same events record each once`() async throws {
        try await GatewayFixture.run { gateway in
            let other = try gateway.secondStore()
            let id = try await gateway.submit(title: "Sinnerman").jobID
            async let here = gateway.store.apply(Self.way(id))
            async let there = other.apply(Self.way(id))
            #expect(try await here + there == 10)
            #expect(try await gateway.job(id).summary.state == .completed)
            try other.close()
        }
    }

    @Test(arguments: [
        "", "[]", "{}", #"{"schema":"hdm.event/9"}"#, #"{"schema":"hdm.event/1","event_id":5}"#, "\u{0}\u{1}",
    ])
    func `An event that violates the contract is refused with the reason`(_ text: String) {
        #expect(throws: ContractViolation.self) { try JobEvent(checking: Data(text.utf8)) }
    }

    @Test func `An event of another version cannot be read`() throws {
        var event = JobEvent.test(.started, .match, .matching, hop: 0, job: JobID())
        event.schema = "hdm.event/2"
        let body = try ContractCoding.encode(event)
        let error = #expect(throws: ContractViolation.self) { try JobEvent(checking: body) }
        #expect(error?.path == "/schema")
    }

    @Test func `Extreme sequence numbers do no harm`() async throws {
        try await GatewayFixture.run { gateway in
            let id = try await gateway.submit(title: "Sinnerman").jobID
            for sequence in [Int.min, -1, Int.max] {
                var event = JobEvent.test(.started, .match, .matching, hop: 0, job: id)
                event.sequence = sequence
                event.eventID = "odd \(sequence)"
                try await gateway.apply(event)
            }
            #expect(try await gateway.job(id).timeline.count == 4)
        }
    }
}

/// Random numbers that are the same in every run.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 1 }

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state
    }
}
