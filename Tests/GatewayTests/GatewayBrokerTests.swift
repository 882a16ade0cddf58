import AMQP
import Contracts
import Foundation
import ServiceKit
import TestSupport
import Testing

@testable import Gateway
@testable import JobLedger

@Suite(.enabled(if: TestBroker.isExpected, "\(TestBroker.setupHint)"))
struct GatewayBrokerTests {
    private func withGateway(
        _ environment: [String: String] = [:], _ test: (TestVhost, GatewayProcess) async throws -> Void
    ) async throws {
        try await withVhost { vhost in
            try await withTemporaryFolder { folder in
                try await GatewayProcess.run(on: vhost, in: folder, environment: environment) { process in
                    try await test(vhost, process)
                }
            }
        }
    }

    private static func submission(_ count: Int) -> String {
        let items = (0..<count).map { #"{"artist":"A","title":"\#($0)"}"# }.joined(separator: ",")
        return "{\"items\":[\(items)]}"
    }

    private func waitForReply(_ vhost: TestVhost, _ queue: String) async throws -> BrokerMessage {
        try await eventually("there is a response") { try await vhost.removeMessages(queue, count: 1).first }
    }

    private func addReplyQueue(_ process: GatewayProcess) async throws -> String {
        try await process.runtime.consuming.declare([.queue("replies")])
        return "replies"
    }

    @Test func `A submission over AMQP becomes a job on the match queue and gets a response`() async throws {
        try await withGateway { vhost, process in
            let replies = try await addReplyQueue(process)
            try await vhost.publish(
                #"{"batch_id":"b1","items":[{"artist":"A","title":"T","priority":8}]}"#, to: ExchangeName.intake,
                key: QueueName.submitKey,
                properties: ["reply_to": .string(replies), "correlation_id": "c1", "message_id": "m1"])
            let reply = try await waitForReply(vhost, replies)
            #expect(reply.properties["correlation_id"] == "c1")
            #expect(reply.properties["type"] == .string(MessageType.submissionAnswer))
            let response = try ContractCoding.decode(SubmissionResponse.self, from: reply.body)
            #expect(response.batchID == "b1")
            #expect(response.items.map(\.status) == [.enqueued])

            let message = try await eventually("the match queue has the job") {
                try await vhost.peek(QueueName.work(.match)).first
            }
            let job = try ContractCoding.decode(JobDocument.self, from: message.body)
            #expect(job.jobID == response.items[0].jobID)
            #expect(message.routingKey == "job.match.hi")
            #expect(message.properties["priority"] == 8)
            #expect(message.properties["delivery_mode"] == 2)
            #expect(message.properties["correlation_id"] == .string(job.jobID.text))
            #expect(message.properties["type"] == .string(MessageType.job))
            #expect(message.headers[MessageHeader.attempt] == 1)
            #expect(message.headers[MessageHeader.hop] == 0)
            try await eventually("the outbox is empty") { try await process.store.outboxDepth() == 0 }
            try await eventually("the submission is acknowledged") { try await vhost.depth(of: QueueName.intake) == 0 }
        }
    }

    @Test(arguments: [("{nonsense", "the document"), (#"{"items":[{"artist":"A"}]}"#, "/items/0/title")])
    func `A submission that violates the contract is parked, and the response names the place`(
        _ body: String, _ place: String
    ) async throws {
        try await withGateway { vhost, process in
            let replies = try await addReplyQueue(process)
            try await vhost.publish(
                body, to: ExchangeName.intake, key: QueueName.submitKey,
                properties: ["reply_to": .string(replies), "message_id": "m1"])
            let reply = try await waitForReply(vhost, replies)
            #expect(reply.properties["correlation_id"] == "m1")
            let response = try ContractCoding.decode(ErrorResponse.self, from: reply.body)
            #expect(response.error.code == .validationError)
            #expect(response.error.meta?["field"] == .string(place.hasPrefix("/") ? place : ""))
            let parked = try await eventually("it is parked") { try await vhost.peek(QueueName.invalid).first }
            #expect(String(decoding: parked.body, as: UTF8.self) == body)
            #expect(parked.routingKey == "invalid.intake")
            #expect(parked.headers[MessageHeader.deadReason] == "invalid_payload")
            #expect(parked.headers[MessageHeader.deadError]?.stringValue?.contains(place) == true)
            try await eventually("the submission is acknowledged") { try await vhost.depth(of: QueueName.intake) == 0 }
        }
    }

    @Test func `A response without a reply queue does not stop the intake`() async throws {
        try await withGateway { vhost, process in
            try await vhost.publish(
                Self.submission(1), to: ExchangeName.intake, key: QueueName.submitKey,
                properties: ["reply_to": "nowhere"])
            try await eventually("the job is kept") { try await process.store.jobs(JobFilter()).total == 1 }
            try await eventually("the submission is acknowledged") { try await vhost.depth(of: QueueName.intake) == 0 }
        }
    }

    @Test func `Events change the job; messages that are no events are parked with the reason`() async throws {
        try await withGateway { vhost, process in
            try await vhost.publish("not an event", to: ExchangeName.events, key: "job.match.started")
            let id = JobID()
            for event in GatewayProjectionTests.way(id).reversed() {
                try await process.runtime.publisher.publish(event)
            }
            try await process.eventually(id, is: .completed)
            let job = try #require(try await process.store.job(id))
            try await eventually("the whole history is there") { try await process.store.job(id)?.timeline.count == 10 }
            #expect(job.summary.path == "Nina Simone/Sinnerman.flac")
            try await eventually("all events are acknowledged") {
                try await vhost.depth(of: QueueName.gatewayEvents) == 0
            }
            let parked = try await eventually("the other message is parked") {
                try await vhost.peek(QueueName.invalid).first
            }
            #expect(String(decoding: parked.body, as: UTF8.self) == "not an event")
            #expect(parked.routingKey == "invalid.events")
            #expect(parked.headers[MessageHeader.deadReason] == "invalid_payload")
            try await eventually("it is the only one") { try await vhost.depth(of: QueueName.invalid) == 1 }
        }
    }

    @Test(arguments: [ExchangeName.events, ExchangeName.jobs])
    func `A message that is larger than the gateway reads leaves a dead letter with what is known`(
        _ exchange: String
    ) async throws {
        try await withGateway { vhost, process in
            let isEvent = exchange == ExchangeName.events
            let key = isEvent ? "job.tag.dead_lettered" : "job.review"
            var message = process.runtime.publisher.messages.message(
                Data(count: 5 << 20), type: MessageType.event, correlationID: "job-1", messageID: "m-1",
                headers: ["x-own": "kept", MessageHeader.requeues: 2])
            message.properties.isPersistent = true
            try await process.runtime.publishing.publish(message, to: exchange, key: key, timeout: .seconds(30))
            let parked = try await eventually("it is parked") { try await vhost.peek(QueueName.invalid).first }
            #expect(parked.body.isEmpty)
            #expect(parked.routingKey == (isEvent ? "invalid.events" : "invalid.match"))
            #expect(parked.properties["correlation_id"] == "job-1" && parked.properties["message_id"] == "m-1")
            #expect(parked.headers["x-own"] == "kept" && parked.headers[MessageHeader.requeues] == 2)
            let reason = parked.headers[MessageHeader.deadError]?.stringValue ?? ""
            #expect(reason.contains("5242880 bytes") && reason.contains("'\(key)'"), "\(reason)")
            let queue = isEvent ? QueueName.gatewayEvents : QueueName.review
            try await eventually("its queue is empty") { try await vhost.depth(of: queue) == 0 }
            try await eventually("it is the only one") { try await vhost.depth(of: QueueName.invalid) == 1 }
        }
    }

    @Test func `Two gateways on one database publish each job once`() async throws {
        try await withVhost { vhost in
            try await withTemporaryFolder { folder in
                try await GatewayProcess.run(on: vhost, in: folder) { first in
                    try await GatewayProcess.run(on: vhost, in: folder) { second in
                        for number in 0..<10 {
                            let body = Self.submission(200).replacing(#""artist":"A""#, with: #""artist":"\#(number)""#)
                            try await vhost.publish(body, to: ExchangeName.intake, key: QueueName.submitKey)
                        }
                        try await eventually("all jobs are published", timeout: .seconds(30)) {
                            try await vhost.depth(of: QueueName.work(.match)) == 2000
                        }
                        try await eventually("the outbox is empty") { try await first.store.outboxDepth() == 0 }
                        #expect(try await second.store.jobs(JobFilter()).total == 2000)
                    }
                }
                let messages = try await vhost.removeMessages(QueueName.work(.match), count: 5000)
                #expect(messages.count == 2000)
                #expect(Set(messages.map { $0.properties["correlation_id"]?.stringValue }).count == 2000)
            }
        }
    }

    @Test func `Jobs that were stored without a broker, or leased by a dead process, are published at the next start`()
        async throws
    {
        try await withVhost { vhost in
            try await withTemporaryFolder { folder in
                let store = try JobStore.open(.file(folder.path(".harmony/idempotency.db")))
                let intake = Intake(store, limits: AdmissionLimits(), outbox: WakeSignal(), worker: "dead")
                _ = try await intake.submit(Data(Self.submission(1200).utf8))
                let held = try await store.lease(300, to: "dead", for: .seconds(2))
                #expect(held.count == 300)
                try store.close()
                try await GatewayProcess.run(on: vhost, in: folder) { process in
                    try await eventually("all jobs are published", timeout: .seconds(20)) {
                        try await vhost.depth(of: QueueName.work(.match)) == 1200
                    }
                    try await eventually("the outbox is empty") { try await process.store.outboxDepth() == 0 }
                }
            }
        }
    }

    @Test func `Connections that break lose no job`() async throws {
        try await withGateway { vhost, process in
            for number in 0..<20 {
                let body = Self.submission(100).replacing(#""artist":"A""#, with: #""artist":"\#(number)""#)
                try await vhost.publish(body, to: ExchangeName.intake, key: QueueName.submitKey)
                if number.isMultiple(of: 5) { try await vhost.closeConnections() }
            }
            try await eventually("all jobs are kept", timeout: .seconds(30)) {
                try await process.store.jobs(JobFilter()).total == 2000
            }
            try await eventually("the outbox is empty", timeout: .seconds(30)) {
                try await process.store.outboxDepth() == 0
            }
            let messages = try await vhost.removeMessages(QueueName.work(.match), count: 10_000)
            #expect(Set(messages.map { $0.properties["correlation_id"]?.stringValue }).count == 2000)
        }
    }

    @Test func `A gateway that is not ready leaves submissions in their queue`() async throws {
        try await withGateway { vhost, process in
            let downloads = process.folder.url
            try await eventually("the gateway is ready") { process.runtime.readiness.isReady }
            let aside = downloads.deletingLastPathComponent().appending(path: downloads.lastPathComponent + "-aside")
            try FileManager.default.moveItem(at: downloads, to: aside)
            try await eventually("the gateway is not ready") { !process.runtime.readiness.isReady }
            try await eventually("nobody consumes") {
                try await process.runtime.consuming.status(of: QueueName.intake).consumers == 0
            }
            try await vhost.publish(Self.submission(1), to: ExchangeName.intake, key: QueueName.submitKey)
            #expect(try await process.runtime.consuming.status(of: QueueName.intake).ready == 1)
            try FileManager.default.moveItem(at: aside, to: downloads)
            try await eventually("the job is kept") { try await process.store.jobs(JobFilter()).total == 1 }
        }
    }

    @Test func `A submission that is accepted while the gateway stops is published before it ends`() async throws {
        try await withVhost { vhost in
            try await withTemporaryFolder { folder in
                try await GatewayProcess.run(on: vhost, in: folder) { process in
                    try await eventually("the gateway is ready") { process.runtime.readiness.isReady }
                    try await vhost.publish(Self.submission(1000), to: ExchangeName.intake, key: QueueName.submitKey)
                    try await eventually("the jobs are kept") {
                        try await process.store.jobs(JobFilter()).total == 1000
                    }
                }
                #expect(try await vhost.removeMessages(QueueName.work(.match), count: 2000).count == 1000)
            }
        }
    }

    @Test func `An event that the database refuses is parked and does not block the others`() async throws {
        try await withGateway { vhost, process in
            let (refused, other) = (JobID(), JobID())
            try await process.store.writer.write { db in
                try db.execute(
                    sql: """
                        CREATE TRIGGER refuse BEFORE INSERT ON timeline WHEN NEW.job_id = '\(refused)'
                        BEGIN SELECT RAISE(ABORT, 'refused by the test'); END
                        """)
            }
            for id in [other, refused] {
                for event in GatewayProjectionTests.way(id) { try await process.runtime.publisher.publish(event) }
            }
            try await process.eventually(other, is: .completed)
            try await eventually("the events are parked") { try await vhost.depth(of: QueueName.invalid) == 10 }
            #expect(try await process.store.job(refused) == nil)
            try await eventually("all events are acknowledged") {
                try await vhost.depth(of: QueueName.gatewayEvents) == 0
            }
        }
    }

    @Test func `A job whose work queue is missing is named and not announced as enqueued; the queue is declared again`()
        async throws
    {
        try await withVhost { vhost in
            try await withTemporaryFolder { folder in
                let log = RecordedLog()
                try await GatewayProcess.run(on: vhost, in: folder, logger: log.logger) { process in
                    try await eventually("the gateway is ready") { process.runtime.readiness.isReady }
                    try await process.runtime.publishing.deleteQueue(QueueName.work(.match))
                    try await vhost.publish(Self.submission(2), to: ExchangeName.intake, key: QueueName.submitKey)
                    try await eventually("both jobs are named") { log.jobs(.jobMisrouted).count == 2 }
                    let jobs = try await process.store.jobs(JobFilter()).items.map(\.jobID.text)
                    #expect(log.jobs(.jobMisrouted).sorted() == jobs.sorted())
                    #expect(log.jobs(.matchEnqueued).isEmpty)
                    try await eventually("the queue exists") {
                        try await vhost.depth(of: QueueName.work(.match)) == 0
                    }
                    try await eventually("both are parked") { try await vhost.depth(of: QueueName.invalid) == 2 }
                    #expect(try await process.store.outboxDepth() == 0)
                    try await vhost.publish(
                        #"{"items":[{"artist":"B","title":"x"}]}"#, to: ExchangeName.intake, key: QueueName.submitKey)
                    try await eventually("the next job is announced") { log.jobs(.matchEnqueued).count == 1 }
                    try await eventually("the queue has it") {
                        try await vhost.depth(of: QueueName.work(.match)) == 1
                    }
                }
            }
        }
    }
}
