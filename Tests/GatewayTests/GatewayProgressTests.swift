import Contracts
import Foundation
import GRDB
import TestSupport
import Testing

@testable import Gateway
@testable import JobLedger

@Suite struct GatewayProgressTests {
    private func progress(
        _ job: JobID, _ done: Int64, at: Timestamp, stage: Stage = .download, phase: TransferPhase = .transferring
    ) -> ProgressEvent {
        var event = ProgressEvent(jobID: job, stage: stage, done: done, total: 1000, rate: 50)
        event.at = at
        (event.peer, event.phase) = ("anna", phase.rawValue)
        return event
    }

    /// A job whose file is on its way.
    private func downloading(_ gateway: GatewayFixture, title: String = "Sinnerman") async throws -> JobID {
        let id = try await gateway.submit(title: title).jobID
        try await gateway.apply(.test(.started, .download, .downloading, hop: 1, job: id))
        return id
    }

    @Test func `The newest progress is shown, whatever order it arrives in`() async throws {
        try await GatewayFixture.run { gateway in
            let id = try await downloading(gateway)
            let now = gateway.clock.now
            gateway.clock.advance(by: .seconds(10))
            try await gateway.store.record([progress(id, 300, at: now + .seconds(3))])
            try await gateway.store.record([
                progress(id, 100, at: now + .seconds(1)), progress(id, 200, at: now + .seconds(2)),
            ])
            let shown = try #require(try await gateway.job(id).summary.progress)
            #expect(shown.done == 300 && shown.total == 1000 && shown.rate == 50)
            #expect(shown.peer == "anna" && shown.phase == "transferring" && shown.at == now + .seconds(3))
            #expect(try await gateway.store.jobs(JobFilter()).items.first?.progress == shown)
            let other = try gateway.secondStore()
            #expect(try await other.job(id)?.summary.progress == shown)
            try other.close()
        }
    }

    @Test func `Progress from a host with a fast clock does not outweigh later progress`() async throws {
        try await GatewayFixture.run { gateway in
            let id = try await downloading(gateway)
            try await gateway.store.record([progress(id, 100, at: gateway.clock.now + .seconds(3600))])
            gateway.clock.advance(by: .seconds(1))
            try await gateway.store.record([progress(id, 200, at: gateway.clock.now)])
            #expect(try await gateway.job(id).summary.progress?.done == 200)
        }
    }

    @Test func `A job that has ended, or is at another stage, shows no progress`() async throws {
        try await GatewayFixture.run { gateway in
            let id = try await downloading(gateway)
            try await gateway.store.record([progress(id, 100, at: gateway.clock.now)])
            try await gateway.apply(.test(.started, .tag, .tagging, hop: 2, job: id))
            #expect(try await gateway.job(id).summary.progress == nil)
            try await gateway.apply(.test(.completed, .move, .completed, hop: 3, job: id, path: "a.flac"))
            try await gateway.store.record([progress(id, 200, at: gateway.clock.now, stage: .move)])
            #expect(try await gateway.job(id).summary.progress == nil)
            #expect(try await rows(gateway) == 0)
        }
    }

    @Test func `Progress expires after an hour, and progress of unknown jobs is ignored`() async throws {
        try await GatewayFixture.run { gateway in
            let id = try await downloading(gateway)
            try await gateway.store.record([progress(id, 100, at: gateway.clock.now)])
            try await gateway.store.record([progress(JobID(), 100, at: gateway.clock.now)])
            #expect(try await rows(gateway) == 1)
            gateway.clock.advance(by: .seconds(3601))
            try await gateway.store.record([])
            #expect(try await rows(gateway) == 0)
        }
    }

    @Test func `A batch counts the bytes of its running jobs, and the rates that are not old`() async throws {
        try await GatewayFixture.run { gateway in
            let items = ["One", "Two", "Three"].map { #"{"artist":"Nina Simone","title":"\#($0)"}"# }
            let response = try await gateway.submit("{\"items\":[\(items.joined(separator: ","))]}")
            let ids = response.items.map(\.jobID)
            #expect(try await gateway.store.batch(response.batchID)?.progress == nil)
            for (id, item) in zip(ids, response.items) {
                try await gateway.apply(
                    .test(.started, .download, .downloading, hop: 1, job: id, key: item.dedupeKey))
            }
            try await gateway.store.record([progress(ids[0], 100, at: gateway.clock.now)])
            gateway.clock.advance(by: .seconds(20))
            try await gateway.store.record([
                progress(ids[1], 400, at: gateway.clock.now),
                progress(ids[2], 0, at: gateway.clock.now, phase: .queued),
            ])
            let sum = try #require(try await gateway.store.batch(response.batchID)?.progress)
            #expect(sum == BatchSummary.Progress(running: 3, done: 500, total: 3000, rate: 50))
            try await gateway.apply(.test(.waiting, .download, .waiting, hop: 1, job: ids[2], key: "x"))
            #expect(try await gateway.store.batch(response.batchID)?.progress?.running == 2)
        }
    }

    @Test func `A step is a line of the history and changes nothing else, in whatever order it comes`() async throws {
        try await GatewayFixture.run { gateway in
            let id = try await gateway.submit(title: "Sinnerman").jobID
            let document = JobDocument(jobID: id, track: Track(artist: "Nina Simone", title: "Sinnerman"))
            let steps = ["candidate 1 of 2", "candidate 2 of 2"].map {
                JobEvent.step($0, of: document, at: .download, hop: 1, requeues: 0, attempt: 1, worker: "test")
            }
            try await gateway.apply(steps[0], steps[0], steps[1])
            #expect(try await gateway.job(id).summary.state == .queued)
            try await gateway.apply(.test(.completed, .download, .tagging, hop: 1, job: id))
            try await gateway.apply(.test(.deadLettered, .tag, .deadLetter, hop: 2, job: id))
            try await gateway.apply(steps[1])
            let job = try await gateway.job(id)
            #expect(job.summary.state == .deadLetter)
            #expect(
                job.timeline.filter { $0.event == "job.download.step" }.compactMap(\.message).sorted() == [
                    "candidate 1 of 2", "candidate 2 of 2",
                ])
        }
    }

    @Test(arguments: [
        #"{"schema":"hdm.progress/2"}"#, #"{"done":-1}"#, #"{"place_in_queue":-3}"#, #"{"rate":-0.5}"#,
    ])
    func `Progress that breaks the contract is not read`(_ change: String) throws {
        let event = try JSONValue(encoding: progress(JobID(), 1, at: .now))
        guard case .object(var fields) = event,
            case .object(let changes) = try ContractCoding.decode(JSONValue.self, from: Data(change.utf8))
        else { throw NotThere() }
        _ = try ProgressEvent(checking: ContractCoding.encode(fields))
        fields.merge(changes) { $1 }
        #expect(throws: ContractViolation.self) { _ = try ProgressEvent(checking: ContractCoding.encode(fields)) }
    }

    private func rows(_ gateway: GatewayFixture) async throws -> Int {
        try await gateway.store.writer.read { db in try Int.fetchOne(db, sql: "SELECT count(*) FROM progress") ?? 0 }
    }
}
