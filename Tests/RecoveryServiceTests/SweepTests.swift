import AMQP
import Contracts
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import RecoveryService
@testable import ServiceKit

@Suite(.enabled(if: TestBroker.isExpected, "\(TestBroker.setupHint)"))
struct SweepTests {
    @Test func `A job whose queue was purged is reported, and jobs in queues are not`() async throws {
        try await withSweep { fixture, gateway, sweep, _ in
            for (number, key) in [(1, "job.tag"), (2, "job.tag"), (3, "t6h.match"), (4, "job.review")] {
                let exchange = key.hasPrefix("t") ? ExchangeName.retry : ExchangeName.jobs
                try await fixture.runtime.publisher.publish(
                    try fixture.message(number, headers: ["x-hdm-hop": 1]), to: exchange, key: key)
            }
            try await fixture.runtime.publisher.publish(
                try fixture.message(5, headers: ["x-hdm-hop": 1]), to: ExchangeName.jobs, key: "job.move")
            #expect(try await fixture.runtime.consuming.purgeQueue("hdm.q.move") == 1)
            gateway.setJobs((1...5).map { ActiveJob($0, $0 == 5 ? .move : .tag, generation: $0 == 5 ? 2 : 0) })
            try await sweep.step()
            let events = try await fixture.jobEvents()
            #expect(events.map(\.event) == ["job.move.dead_lettered"])
            #expect(events.map(\.jobID.text) == ["job-5"])
            #expect(events.map(\.code) == [.internalError])
            #expect(events.map(\.dedupeKey) == [""])
            #expect(events.map { JobEvent.requeues(ofSequence: $0.sequence) } == [2])
            #expect(events.first?.message?.contains("no longer has the message") == true)
            #expect(events.first?.isMessageLost == true)
            #expect(try await fixture.jobs(in: "hdm.q.tag") == ["job-1", "job-2"])
            #expect(try await fixture.depth("hdm.retry.6h") == 1)
            #expect(try pauses(fixture).isEmpty)
        }
    }

    @Test func `Jobs that a stage works on are not reported, and none while it is not known which it holds`()
        async throws
    {
        try await withSweep { fixture, gateway, sweep, heartbeats in
            gateway.setJobs([ActiveJob(1, .tag), ActiveJob(2, .tag)])
            let beating = beat(heartbeats) { [status(.tag, holding: ["hdm.q.tag": 1])] }
            defer { beating.cancel() }
            try await sweep.step()
            #expect(try await fixture.jobEvents().isEmpty)
            let journal = ProcessJournal(StagingArea(downloads: fixture.runtime.settings.downloadsDir))
            let run = RunIdentity(job: try #require(JobID("job-1")), generation: 0, stage: .tag, hop: 1)
            try journal.begin(DeliveredStep(run, message: 1), alone: true)
            try await sweep.step()
            #expect(try await fixture.jobEvents().map(\.jobID.text) == ["job-2"])
            journal.close()
            #expect(try pauses(fixture).isEmpty)
        }
    }

    @Test func `A census ends without a result when consumers do not pause, and leaves no pause`() async throws {
        try await withSweep { fixture, gateway, sweep, _ in
            gateway.setJobs([ActiveJob(1, .match)])
            let consumer = try await fixture.runtime.consuming.subscribe(to: "hdm.q.match", prefetch: 1)
            try await sweep.step()
            await consumer.cancel()
            #expect(try await fixture.jobEvents().isEmpty)
            #expect(try pauses(fixture).isEmpty)
            try await sweep.step()
            #expect(try await fixture.jobEvents().map(\.jobID.text) == ["job-1"])
        }
    }

    @Test func `A job that is heard of during the census is not reported`() async throws {
        try await withSweep { fixture, gateway, sweep, _ in
            gateway.setJobs([ActiveJob(1, .tag), ActiveJob(2, .tag)])
            gateway.afterFirstRead { [ActiveJob(1, .tag), ActiveJob(2, .move, sequence: 9)] }
            try await sweep.step()
            #expect(try await fixture.jobEvents().map(\.jobID.text) == ["job-1"])
        }
    }

    @Test func `A job whose dead letter is indexed is reported with its reason`() async throws {
        try await RecoveryFixture.run { fixture in
            try await fixture.deadLetter(1)
            try await fixture.untilIndexed(1)
            let index = try await DeadLetterIndex.open(
                at: fixture.folder.file("state/recovery.db"), logger: fixture.runtime.logger)
            let (gateway, heartbeats) = (FakeActiveJobs(), listening())
            let beating = beat(heartbeats)
            defer { beating.cancel() }
            gateway.setJobs([ActiveJob(1, .download)])
            try await sweep(fixture, index, gateway, heartbeats).step()
            let event = try #require(try await fixture.jobEvents().first)
            #expect(event.event == "job.download.dead_lettered")
            #expect(event.code == .noSource)
            #expect(event.message == "no source offers it")
            #expect(!event.isMessageLost)
        }
    }

    @Test func `A job that is in the library is reported as completed, also when it has a dead letter`() async throws {
        try await withSweep { fixture, gateway, sweep, _ in
            let index = try await DeadLetterIndex.open(
                at: fixture.folder.file("other.db"), logger: fixture.runtime.logger)
            _ = try await index.record([try fixture.unrouted(1), try fixture.unrouted(2)])
            let staging = StagingArea(downloads: fixture.runtime.settings.downloadsDir)
            for number in [1, 3] { try staging.finish(#require(JobID("job-\(number)"))) }
            gateway.setJobs([ActiveJob(1, .tag), ActiveJob(2, .tag), ActiveJob(3, .tag, generation: 2)])
            try await sweep.step()
            let events = try await fixture.jobEvents()
            #expect(events.map(\.event) == ["job.move.completed", "job.move.completed"])
            #expect(events.map(\.jobID.text) == ["job-1", "job-3"])
            #expect(events.map(\.state) == [.completed, .completed])
            #expect(events.map { JobEvent.requeues(ofSequence: $0.sequence) } == [0, 2])
            #expect(events.map(\.code) == [nil, nil])
        }
    }

    @Test func `A job that is not returned to its queue any more is reported, and one that returns is not`()
        async throws
    {
        try await withSweep { fixture, gateway, sweep, _ in
            let index = try await DeadLetterIndex.open(
                at: fixture.folder.file("other.db"), logger: fixture.runtime.logger)
            _ = try await index.record([try fixture.unrouted(1), try fixture.unrouted(2)])
            let job = try #require(JobID("job-1"))
            let entry = try #require(try await index.openEntry(of: job))
            try await index.recordGivenUp(entry.number)
            gateway.setJobs([ActiveJob(1, .tag), ActiveJob(2, .tag)])
            try await sweep.step()
            let events = try await fixture.jobEvents()
            #expect(events.map(\.event) == ["job.tag.dead_lettered"])
            #expect(events.map(\.jobID.text) == ["job-1"])
            #expect(events.first?.message == "no queue is bound with the routing key 'job.tag'")
        }
    }

    @Test func `A daily census sends jobs of other publishers to the gateway`() async throws {
        try await withSweep { fixture, gateway, sweep, _ in
            let index = try await DeadLetterIndex.open(
                at: fixture.folder.file("other.db"), logger: fixture.runtime.logger)
            let yesterday = (Timestamp.now + .seconds(-90_000)).description
            try await index.write(.soon) {
                try $0.execute(sql: "INSERT INTO census VALUES (?)", arguments: [yesterday])
            }
            var foreign = try fixture.message(1, headers: ["x-hdm-requeues": 3])
            foreign.body = Data(
                #"{"schema":"hdm.job/1","job_id":"job-1","track":{"artist":"A","title":"T"},"x":1.10}"#.utf8)
            try await fixture.runtime.publisher.publish(foreign, to: ExchangeName.jobs, key: "job.tag")
            var ambiguous = foreign
            ambiguous.body = Data(
                #"{"schema":"hdm.job/1","job_id":"job-3","job_id":"job-4","track":{"artist":"A","title":"T"}}"#.utf8)
            try await fixture.runtime.publisher.publish(ambiguous, to: ExchangeName.jobs, key: "job.tag")
            try await fixture.runtime.publisher.publish(
                try fixture.message(2, headers: ["x-hdm-hop": 1]), to: ExchangeName.jobs, key: "job.tag")
            try await sweep.step()
            #expect(gateway.reported == [FoundJob(body: foreign.body, stage: .tag, generation: 3)])
            #expect(try await fixture.jobEvents().isEmpty)
        }
    }
}

struct SweepPatienceTests {
    @Test func `A census is due only after the broker had fewer messages for the whole time`() {
        let start = ContinuousClock.now
        var patience = SweepPatience(patience: .seconds(600))
        patience.compare(active: 2, found: 1, at: start)
        #expect(!patience.isOver(at: start + .seconds(599)))
        patience.compare(active: 2, found: nil, at: start + .seconds(300))
        #expect(patience.isOver(at: start + .seconds(600)))
        patience.compare(active: 2, found: 2, at: start + .seconds(600))
        #expect(!patience.isOver(at: start + .seconds(900)))
        patience.compare(active: 2, found: 1, at: start + .seconds(900))
        #expect(!patience.isOver(at: start + .seconds(1000)))
    }

    @Test func `A census without a result is repeated after pauses that double`() {
        let start = ContinuousClock.now
        var patience = SweepPatience(patience: .seconds(600))
        #expect(patience.allowsCensus(at: start))
        patience.recordCensus(isComplete: false, at: start)
        #expect(!patience.allowsCensus(at: start + .seconds(599)))
        #expect(patience.allowsCensus(at: start + .seconds(600)))
        patience.recordCensus(isComplete: false, at: start)
        #expect(!patience.allowsCensus(at: start + .seconds(1199)))
        for _ in 1...100 { patience.recordCensus(isComplete: false, at: start) }
        #expect(patience.allowsCensus(at: start + .seconds(21_600)))
        patience.recordCensus(isComplete: true, at: start)
        #expect(patience.allowsCensus(at: start))
    }

    @Test func `A pause with an end has no effect afterwards`() async throws {
        try await withTemporaryFolder { folder in
            let markers = PauseMarkers(downloads: folder.file("downloads"))
            try FileManager.default.createDirectory(
                atPath: folder.path("downloads"), withIntermediateDirectories: true)
            try markers.pause(.service(.tag), for: "census", by: "a", until: .now + .seconds(-1))
            try markers.pause(.service(.move), for: "census", by: "b", until: .now + .seconds(60))
            #expect(try markers.markers()?.map(\.by) == ["b"])
        }
    }
}

func pauses(_ fixture: RecoveryFixture) throws -> [PauseMarkers.Marker] {
    try PauseMarkers(downloads: fixture.runtime.settings.downloadsDir).markers() ?? []
}

func sweep(
    _ fixture: RecoveryFixture, _ index: DeadLetterIndex, _ gateway: FakeActiveJobs, _ heartbeats: Heartbeats,
    deepest: Int = 100
) -> Sweep {
    Sweep(
        fixture.runtime, index: index, jobs: gateway, heartbeats: heartbeats,
        census: Census(fixture.runtime, heartbeats: heartbeats, patience: .seconds(2), deepest: deepest),
        patience: .zero)
}

func withSweep(
    _ test: @Sendable (RecoveryFixture, FakeActiveJobs, Sweep, Heartbeats) async throws -> Void
) async throws {
    try await RecoveryFixture.run { fixture in
        let index = try await DeadLetterIndex.open(at: fixture.folder.file("other.db"), logger: fixture.runtime.logger)
        let (gateway, heartbeats) = (FakeActiveJobs(), listening())
        let beating = beat(heartbeats)
        defer { beating.cancel() }
        try await test(fixture, gateway, sweep(fixture, index, gateway, heartbeats), heartbeats)
    }
}

extension ActiveJob {
    init(_ number: Int, _ stage: Stage, generation: Int = 0, sequence: Int = 1) {
        self.init(
            number: Int64(number), jobID: JobID("job-\(number)") ?? JobID(), stage: stage, generation: generation,
            sequence: sequence, updatedAt: Timestamp("2026-01-01T00:00:00.000Z") ?? .now, heldBy: nil)
    }
}

/// The active jobs of a gateway.
final class FakeActiveJobs: ActiveJobs {
    private struct State {
        var jobs: [ActiveJob] = []
        var later: (@Sendable () -> [ActiveJob])?
        var reads = 0
        var onSecondRead: (@Sendable () -> Void)?
        var reported: [FoundJob] = []
    }

    private let state = Mutex(State())

    var reported: [FoundJob] { state.withLock(\.reported) }

    func setJobs(_ jobs: [ActiveJob]) { state.withLock { $0.jobs = jobs } }

    /// Replaces the jobs after they were read once.
    func afterFirstRead(_ jobs: @escaping @Sendable () -> [ActiveJob]) { state.withLock { $0.later = jobs } }

    /// Calls `body` when the jobs are read after the census.
    func onSecondRead(_ body: @escaping @Sendable () -> Void) { state.withLock { $0.onSecondRead = body } }

    func count() async throws -> Int { state.withLock(\.jobs.count) }

    func quiet(
        since time: Timestamp, limit: Int, where include: @Sendable (ActiveJob) -> Bool
    ) async throws -> [ActiveJob] {
        let jobs = state.withLock { state in
            state.reads += 1
            if state.reads == 2 { state.onSecondRead?() }
            defer { if let later = state.later.take() { state.jobs = later() } }
            return state.jobs
        }
        return Array(jobs.filter { $0.updatedAt < time && include($0) }.prefix(limit))
    }

    func report(_ jobs: [FoundJob]) async throws { state.withLock { $0.reported += jobs } }
}
