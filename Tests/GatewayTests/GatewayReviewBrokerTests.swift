import AMQP
import Contracts
import Foundation
import ServiceKit
import TestSupport
import Testing

@testable import Gateway
@testable import JobLedger

/// Doubtful matches on their way through a real broker.
@Suite(.enabled(if: TestBroker.isExpected, "\(TestBroker.setupHint)"))
struct GatewayReviewBrokerTests {
    private func withGateway(_ test: (TestVhost, GatewayProcess) async throws -> Void) async throws {
        try await withVhost { vhost in
            try await withTemporaryFolder { folder in
                try await GatewayProcess.run(on: vhost, in: folder) { try await test(vhost, $0) }
            }
        }
    }

    /// Publishes what the match stage does for a doubtful match.
    private func publish(_ match: DoubtfulMatch, _ process: GatewayProcess) async throws {
        try await process.runtime.publisher.publish(match.event)
        try await process.runtime.publisher.publishForReview(match.job, match.envelope)
    }

    private func decide(
        _ verb: ReviewDecision, _ id: JobID, _ process: GatewayProcess
    ) async throws -> DecisionResponse {
        try await process.store.decide(verb, on: id, by: "test", worker: "test")
    }

    private func open(_ match: DoubtfulMatch, _ process: GatewayProcess) async throws {
        try await publish(match, process)
        try await eventually("the review is open") { try await process.store.openReviews() == 1 }
        try await process.eventually(match.job.jobID, is: .review)
    }

    private func waitForAcks(_ vhost: TestVhost) async throws {
        try await eventually("the reviews are acknowledged") { try await vhost.depth(of: QueueName.review) == 0 }
    }

    @Test func `A doubtful match has one review, and an approved file reaches only the download queue`()
        async throws
    {
        try await withGateway { vhost, process in
            try await process.runtime.consuming.declare([
                .queue("listener"), .binding(queue: "listener", exchange: ExchangeName.events, routingKey: "job.#"),
            ])
            let match = DoubtfulMatch()
            try await open(match, process)
            for _ in 0..<5 { try await process.runtime.publisher.publishForReview(match.job, match.envelope) }
            try await waitForAcks(vhost)
            #expect(try await process.store.reviews(ReviewFilter(statuses: [])).total == 1)

            let choice = FileChoice(name: .index(1), path: "/candidate")
            _ = try await decide(.approve(choice), match.job.jobID, process)
            let message = try await eventually("the download queue has the job") {
                try await vhost.removeMessages(QueueName.work(.download)).first
            }
            let job = try ContractCoding.decode(JobDocument.self, from: message.body)
            #expect(job.match?.candidates.map(\.key.rawValue) == [DoubtfulMatch.demo])
            #expect(message.routingKey == "job.download.hi")
            #expect(message.properties["priority"] == 7)
            #expect(message.properties["type"] == .string(MessageType.job))
            #expect(message.properties["correlation_id"] == .string(job.jobID.text))
            #expect(message.headers[MessageHeader.hop] == 2)
            #expect(message.headers[MessageHeader.traceparent] == .string(match.envelope.traceparent ?? ""))
            let event = try await eventually("everybody hears of it") {
                try await vhost.removeMessages("listener").first { $0.routingKey == "job.match.completed" }
            }
            #expect(event.properties["type"] == .string(MessageType.event))
            let heard = try ContractCoding.decode(JobEvent.self, from: event.body)
            #expect(heard.sequence > match.event.sequence)
            try await eventually("the event is taken in") { try await vhost.depth(of: QueueName.gatewayEvents) == 0 }
            #expect(try await process.store.job(job.jobID)?.summary.state == .downloading)

            // The message comes again after the decision, from a queue that was restored.
            try await process.runtime.publisher.publishForReview(match.job, match.envelope)
            try await waitForAcks(vhost)
            #expect(try await process.store.openReviews() == 0)
            #expect(try await vhost.peek(QueueName.work(.download)).isEmpty)
        }
    }

    @Test func `Another search reaches the match queue with what was rejected`() async throws {
        try await withGateway { vhost, process in
            let match = DoubtfulMatch()
            try await open(match, process)
            let choice = FileChoice(name: .index(0), path: "/candidates/0")
            _ = try await decide(.reject([choice]), match.job.jobID, process)
            _ = try await decide(.search("other words"), match.job.jobID, process)
            let message = try await eventually("the match queue has the job") {
                try await vhost.peek(QueueName.work(.match)).first
            }
            let job = try ContractCoding.decode(JobDocument.self, from: message.body)
            #expect(job.verdicts?.query == "other words")
            #expect(job.verdicts?.rejected.map(\.rawValue) == [DoubtfulMatch.live])
            #expect(job.match == nil)
            #expect(message.headers[MessageHeader.requeues] == 1)
            try await process.eventually(match.job.jobID, is: .queued)
        }
    }

    @Test(arguments: ["{nonsense", #"{"schema":"hdm.job/1","job_id":"a","track":{"artist":"A","title":"T"}}"#])
    func `A review that cannot be read is parked, never dropped`(_ body: String) async throws {
        try await withGateway { vhost, process in
            try await vhost.publish(body, to: ExchangeName.jobs, key: RoutingKey.review)
            let parked = try await eventually("it is parked") { try await vhost.peek(QueueName.invalid).first }
            #expect(String(decoding: parked.body, as: UTF8.self) == body)
            #expect(parked.routingKey == "invalid.match")
            #expect(parked.headers[MessageHeader.deadReason] == "invalid_payload")
            try await waitForAcks(vhost)
            #expect(try await process.store.reviews(ReviewFilter(statuses: [])).total == 0)
        }
    }

    @Test func `A decision that was stored by a dead process is published at the next start, each message once`()
        async throws
    {
        try await withVhost { vhost in
            try await withTemporaryFolder { folder in
                let store = try JobStore.open(.file(folder.path(".harmony/idempotency.db")))
                let match = DoubtfulMatch()
                _ = try await store.openReview(of: match.job, at: match.step)
                let choice = FileChoice(name: .index(0), path: "/candidate")
                _ = try await store.decide(.approve(choice), on: match.job.jobID, by: "test", worker: "dead")
                // It died with them in hand, before the broker had them.
                let held = try await store.lease(10, to: "dead", for: .seconds(2))
                #expect(held.count == 2)
                try store.close()
                try await GatewayProcess.run(on: vhost, in: folder) { process in
                    try await eventually("the outbox is empty", timeout: .seconds(20)) {
                        try await process.store.outboxDepth() == 0
                    }
                    let messages = try await vhost.removeMessages(QueueName.work(.download))
                    #expect(messages.count == 1)
                    let ids = held.filter { $0.route.type == MessageType.job }.map { JSONValue.string($0.messageID) }
                    #expect(messages.compactMap { $0.properties["message_id"] } == ids)
                    try await process.eventually(match.job.jobID, is: .downloading)
                    let timeline = try await process.store.job(match.job.jobID)?.timeline
                    #expect(timeline?.map(\.event) == ["job.match.completed"])
                }
            }
        }
    }
}
