import AMQP
import Contracts
import Foundation
import ServiceKit
import Synchronization
import TestSupport
import Testing

@testable import RecoveryService

/// What keeps a census from declaring a job dead that lives.
@Suite(.enabled(if: TestBroker.isExpected, "\(TestBroker.setupHint)"))
struct CensusTests {
    @Test func `A census during which an upgrade began and ended has no result`() async throws {
        try await withSweep { fixture, _, _, heartbeats in
            try await fixture.enqueue(1, .match)
            try await fixture.enqueue(2, .tag)
            let markers = PauseMarkers(downloads: fixture.runtime.settings.downloadsDir)
            let result = try await fixture.search(for: [3], heartbeats) { queue in
                if queue == "hdm.q.match" {
                    try markers.pause(.all, for: PauseMarkers.upgrade, by: "test")
                } else {
                    _ = try markers.resume(.all, for: PauseMarkers.upgrade)
                }
            }
            #expect(result == nil)
            _ = try markers.resume(.all, for: PauseMarkers.upgrade)
            #expect(try pauses(fixture).isEmpty)
            #expect(try await fixture.search(for: [3], heartbeats)?.lost.map(\.text) == ["job-3"])
        }
    }

    @Test func `A sweep begins no census and reports nothing while an upgrade runs`() async throws {
        try await withSweep { fixture, gateway, sweep, _ in
            gateway.setJobs([ActiveJob(1, .tag)])
            let markers = PauseMarkers(downloads: fixture.runtime.settings.downloadsDir)
            try markers.pause(.all, for: PauseMarkers.upgrade, by: "test")
            try await sweep.step()
            #expect(try await fixture.jobEvents().isEmpty)
            #expect(try markers.resume(.all, for: PauseMarkers.upgrade))
            try await sweep.step()
            #expect(try await fixture.jobEvents().map(\.jobID.text) == ["job-1"])
        }
    }

    @Test func `An upgrade that begins after the census keeps its result from being reported`() async throws {
        try await withSweep { fixture, gateway, sweep, _ in
            let markers = PauseMarkers(downloads: fixture.runtime.settings.downloadsDir)
            gateway.setJobs([ActiveJob(1, .tag)])
            gateway.onSecondRead { try? markers.pause(.all, for: PauseMarkers.upgrade, by: "test") }
            try await sweep.step()
            #expect(try await fixture.jobEvents().isEmpty)
            #expect(try markers.resume(.all, for: PauseMarkers.upgrade))
        }
    }

    @Test func `A census has no result when a queue is deleted meanwhile`() async throws {
        try await withSweep { fixture, _, _, heartbeats in
            try await fixture.enqueue(1, .match)
            let result = try await fixture.search(for: [2], heartbeats) { queue in
                if queue == "hdm.q.match" { try await fixture.runtime.consuming.deleteQueue("hdm.q.move") }
            }
            #expect(result == nil)
            #expect(try pauses(fixture).isEmpty)
        }
    }

    @Test func `A job that returns to a wait queue and from there to its stage during the census is found`()
        async throws
    {
        try await withSweep { fixture, _, _, heartbeats in
            try await fixture.enqueue(1, .match)
            try await fixture.enqueue(2, .move)
            let result = try await fixture.search(for: [3], heartbeats) { queue in
                if queue == "hdm.q.match" {
                    try await fixture.runtime.publisher.publish(
                        try fixture.message(3), to: ExchangeName.retry, key: "t6h.tag")
                }
                guard queue == "hdm.q.move" else { return }
                #expect(try await fixture.runtime.consuming.purgeQueue("hdm.retry.6h") == 1)
                try await fixture.enqueue(3, .tag)
            }
            #expect(try #require(result).missing.isEmpty)
            #expect(try await fixture.jobs(in: "hdm.q.tag") == ["job-3"])
        }
    }

    @Test func `A job whose review is published during the census is found`() async throws {
        try await withSweep { fixture, _, _, heartbeats in
            try await fixture.enqueue(1, .match)
            let result = try await fixture.search(for: [2], heartbeats) { queue in
                guard queue == "hdm.q.match" else { return }
                try await fixture.runtime.publisher.publish(
                    try fixture.message(2), to: ExchangeName.jobs, key: "job.review")
            }
            #expect(try #require(result).missing.isEmpty)
        }
    }

    @Test func `Nothing is searched for while events, dead letters or heartbeats are on their way`() async throws {
        try await withSweep { fixture, gateway, sweep, heartbeats in
            gateway.setJobs([ActiveJob(1, .tag)])
            try await fixture.runtime.publisher.publish(
                JobEvent(missing: ActiveJob(2, .tag), nil, worker: "test"))
            try await sweep.step()
            #expect(try await fixture.jobEvents().map(\.jobID.text) == ["job-2"])
            #expect(try await fixture.runtime.consuming.purgeQueue("hdm.events.gateway") == 1)
            let starting = Heartbeats(own: "recovery-a-1", longestLag: .milliseconds(50))
            starting.record(status(.gateway))
            let index = try await DeadLetterIndex.open(
                at: fixture.folder.file("other.db"), logger: fixture.runtime.logger)
            try await RecoveryServiceTests.sweep(fixture, index, gateway, starting).step()
            #expect(try await fixture.jobEvents().isEmpty)
            #expect(heartbeats.isReady(.gateway))
            try await sweep.step()
            #expect(try await fixture.jobEvents().map(\.jobID.text) == ["job-1"])
        }
    }

    @Test func `A census ends without a result when an event arrives that the gateway does not read`() async throws {
        try await withSweep { fixture, _, _, heartbeats in
            try await fixture.enqueue(1, .match)
            let result = try await fixture.search(for: [2], heartbeats) { queue in
                guard queue == "hdm.q.match" else { return }
                try await fixture.runtime.publisher.publish(
                    JobEvent(missing: ActiveJob(1, .tag), nil, worker: "test"))
            }
            #expect(result == nil)
        }
    }

    @Test func `A queue that is too deep pauses no stage`() async throws {
        try await withSweep { fixture, gateway, _, heartbeats in
            for number in 1...4 { try await fixture.enqueue(number, .tag) }
            gateway.setJobs((1...9).map { ActiveJob($0, .tag) })
            let index = try await DeadLetterIndex.open(
                at: fixture.folder.file("other.db"), logger: fixture.runtime.logger)
            try await RecoveryServiceTests.sweep(fixture, index, gateway, heartbeats, deepest: 3).step()
            #expect(try await fixture.jobEvents().isEmpty)
            let paused = FileManager.default.fileExists(
                atPath: fixture.folder.path("downloads") + "/.harmony/paused")
            #expect(!paused)
            #expect(
                try await Census(fixture.runtime, heartbeats: heartbeats, deepest: 3).obstacle()
                    == "the queue hdm.q.tag has more than 3 messages")
        }
    }

    @Test func `Reading returns more than 32 messages of a quorum queue in their order`() async throws {
        try await withVhost { vhost in
            try await withTemporaryFolder { folder in
                let fixture = try RecoveryFixture(vhost, folder)
                let connection = fixture.runtime.consuming
                try await connection.declare([.queue("hdm.dlq.tag", arguments: ["x-queue-type": "quorum"])])
                for number in 1...100 {
                    try await fixture.runtime.publisher.publish(
                        try fixture.message(number), to: "", key: "hdm.dlq.tag")
                }
                var missing: Set<JobID> = [try #require(JobID("job-7"))]
                let isComplete = try await CensusReader(connection: connection, deepest: 1000).read(
                    "hdm.dlq.tag", &missing, until: .now + .seconds(60)
                ) { _, _ in }
                #expect(isComplete)
                #expect(missing.isEmpty)
                let read = Mutex<[String]>([])
                let survey = try await DeadLetterQueues(connection, limit: 1000).read { batch, _ in
                    read.withLock { $0 += batch.map { $0.message.properties.correlationID ?? "?" } }
                }
                #expect(survey == DeadLetterSurvey(complete: ["hdm.dlq.tag"]))
                #expect(read.withLock(\.self) == (1...100).map { "job-\($0)" })
                #expect(try await fixture.jobs(in: "hdm.dlq.tag") == (1...100).map { "job-\($0)" })
                await connection.close()
                await fixture.runtime.publishing.close()
            }
        }
    }
}

extension RecoveryFixture {
    fileprivate func enqueue(_ number: Int, _ stage: Stage) async throws {
        try await runtime.publisher.publish(
            try message(number, headers: ["x-hdm-hop": 1]), to: ExchangeName.jobs, key: "job.\(stage.rawValue)")
    }

    fileprivate func search(
        for jobs: [Int], _ heartbeats: Heartbeats, visit: (_ queue: String) async throws -> Void = { _ in }
    ) async throws -> Census.Result? {
        let census = Census(runtime, heartbeats: heartbeats, patience: .seconds(2))
        let ids = Set(jobs.compactMap { JobID("job-\($0)") })
        return try await UpgradeWatch.during(PauseMarkers(downloads: runtime.settings.downloadsDir)) { upgrades in
            try await census.search(for: ids, upgrades) { _, queue in try await visit(queue) }
        }
    }
}
