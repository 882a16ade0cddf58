import AMQP
import Contracts
import Foundation
import ServiceKit
import TestSupport
import Testing

/// The updates that handlers publish while they run.
@Suite(.enabled(if: TestBroker.isExpected, "\(TestBroker.setupHint)"))
struct WorkerHistoryTests {
    @Test func `Steps are in the timeline before the end, and their number is limited`() async throws {
        let handler = ScriptedHandler { job, context in
            for number in 0..<(JobUpdate.stepLimit + 5) { context.step("step \(number)") }
            return .completed(job)
        }
        try await WorkerFixture.run(handler) { fixture in
            try await fixture.publish(.sample())
            try await eventually("the job is done") { try await fixture.ready("hdm.q.download") == 1 }
        } check: { left in
            let steps = left.events.filter { $0.name == .step }
            #expect(steps.count == JobUpdate.stepLimit)
            #expect(Set(steps.map(\.eventID)).count == steps.count)
            #expect(steps.allSatisfy { $0.state == .matching && $0.event == "job.match.step" && $0.sequence == 0 })
            #expect(Set(steps.compactMap(\.message)) == Set((0..<JobUpdate.stepLimit).map { "step \($0)" }))
            #expect(left.counts == ["hdm.q.download": 1, QueueName.gatewayEvents: JobUpdate.stepLimit + 1])
        }
    }

    @Test func `Progress contains the peer, the phase and the place in the queue when they change`() async throws {
        let ended = Door()
        let handler = ScriptedHandler { job, context in
            for place in [7, 7, 6] { context.activity(.queued, peer: "anna", place: place) }
            context.activity(.starting, peer: "anna")
            context.activity(.transferring, peer: "anna")
            context.progress(done: 900, total: 1000)
            // The bytes of another peer start from zero.
            context.activity(.starting, peer: "bert")
            try await ended.pass()
            return .completed(job)
        }
        try await WorkerFixture.run(handler) { fixture in
            try await fixture.publish(.sample())
            try await eventually("there was progress") { try await fixture.ready(QueueName.progressEvents) >= 6 }
            ended.open()
            try await eventually("the job is done") { try await fixture.ready("hdm.q.download") == 1 }
        } check: { left in
            let progress = try left[QueueName.progressEvents].map {
                try ContractCoding.decode(ProgressEvent.self, from: $0.message.body)
            }
            let queued = progress.filter { $0.phase == "queued" }
            #expect(Set(queued.map(\.placeInQueue)) == [7, 6] && queued.count == 2)
            let bytes = try #require(progress.first { $0.done == 900 })
            #expect(bytes.total == 1000 && bytes.peer == "anna" && bytes.phase == "transferring")
            let last = try #require(progress.first { $0.peer == "bert" })
            #expect(last.done == 0 && last.total == nil && last.phase == "starting")
            #expect(progress.count == 6)
        }
    }
}
