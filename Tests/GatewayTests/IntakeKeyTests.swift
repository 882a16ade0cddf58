import AMQP
import Contracts
import Foundation
import GRDB
import ServiceKit
import TestSupport
import Testing

@testable import Gateway
@testable import JobLedger

/// Idempotency keys of submissions over a real broker.
@Suite(.enabled(if: TestBroker.isExpected, "\(TestBroker.setupHint)"))
struct IntakeKeyTests {
    private static let plannersKey = "expansion:0b8f7f5e-8f0f-4a6e-9a53-6f1f1f4f2d11:3"
    private static let first = #"{"batch_id":"b1","items":[{"artist":"A","title":"1"}]}"#
    private static let second = #"{"batch_id":"b1","items":[{"artist":"A","title":"2"}]}"#

    private func withGateway(
        _ environment: [String: String] = [:], _ test: (TestVhost, GatewayProcess) async throws -> Void
    ) async throws {
        try await withVhost { vhost in
            try await withTemporaryFolder { folder in
                try await GatewayProcess.run(on: vhost, in: folder, environment: environment) { process in
                    try await process.runtime.consuming.declare([.queue("replies")])
                    try await test(vhost, process)
                }
            }
        }
    }

    private static func user(of process: GatewayProcess) -> String {
        process.runtime.settings.brokers.first?.user ?? ""
    }

    /// Publishes a submission and returns the response.
    private func submit(
        _ body: String, key: FieldValue?, user: String? = nil, id: String? = nil, _ vhost: TestVhost,
        _ process: GatewayProcess
    ) async throws -> BrokerMessage {
        var properties = MessageProperties()
        properties.replyTo = "replies"
        properties.correlationID = UUID().uuidString
        properties.userID = user
        properties.messageID = id
        if let key { properties.headers["idempotency-key"] = key }
        try await process.runtime.publishing.publish(
            Message(body: Data(body.utf8), properties: properties), to: ExchangeName.intake,
            key: QueueName.submitKey)
        let reply = try await eventually("there is a response") {
            try await vhost.removeMessages("replies", count: 1).first
        }
        #expect(reply.properties["correlation_id"]?.stringValue == properties.correlationID)
        return reply
    }

    @Test(arguments: [true, false])
    func `The same key with the same body gets the stored response, also after the job has ended`(
        _ isNamed: Bool
    ) async throws {
        try await withGateway { vhost, process in
            let user = isNamed ? Self.user(of: process) : nil
            let first = try await submit(Self.first, key: "k", user: user, id: "m1", vhost, process)
            let id = try ContractCoding.decode(SubmissionResponse.self, from: first.body).items[0].jobID
            _ = try await process.store.apply([
                .job(.test(.deadLettered, .match, .deadLetter, hop: 0, job: id, key: "a|1|"))
            ])
            let again = try await submit(Self.first, key: "k", user: user, id: "m2", vhost, process)
            #expect(again.body == first.body)
            #expect(try await process.store.jobs(JobFilter()).total == 1)
        }
    }

    @Test func `The same key with another body is a conflict: a response, a dead letter, and no job`() async throws {
        try await withGateway { vhost, process in
            _ = try await submit(Self.first, key: "k", vhost, process)
            let refused = try await submit(Self.second, key: "k", vhost, process)
            #expect(try ContractCoding.decode(ErrorResponse.self, from: refused.body).error.code == .conflict)
            let parked = try await eventually("the submission is parked") {
                try await vhost.peek(QueueName.invalid).first
            }
            #expect(String(decoding: parked.body, as: UTF8.self) == Self.second)
            #expect(parked.routingKey == "invalid.intake")
            #expect(parked.headers[MessageHeader.deadError]?.stringValue?.contains("Idempotency-Key") == true)
            #expect(try await process.store.jobs(JobFilter()).total == 1)
            try await eventually("the submissions are acknowledged") {
                try await vhost.depth(of: QueueName.intake) == 0
            }
        }
    }

    @Test func `A repeated submission whose stored response cannot be read is a conflict and is not requeued`()
        async throws
    {
        try await withGateway { vhost, process in
            _ = try await submit(Self.first, key: "k", vhost, process)
            try await process.store.writer.write { db in
                try db.execute(sql: #"UPDATE responses SET answer = CAST('{"batch_id":' AS BLOB)"#)
            }
            let refused = try await submit(Self.first, key: "k", vhost, process)
            let error = try ContractCoding.decode(ErrorResponse.self, from: refused.body).error
            #expect(error.code == .conflict && error.message.contains("stored response cannot be read"))
            try await eventually("the submission is parked") {
                try await vhost.peek(QueueName.invalid).first?.routingKey == "invalid.intake"
            }
            try await eventually("the submissions are acknowledged") {
                try await vhost.depth(of: QueueName.intake) == 0
            }
            #expect(try await process.store.jobs(JobFilter()).total == 1)
        }
    }

    @Test(arguments: [FieldValue.string(""), .string(String(repeating: "k", count: 256)), .integer(5)])
    func `A header that is no key is refused`(_ key: FieldValue) async throws {
        try await withGateway { vhost, process in
            let refused = try await submit(Self.first, key: key, vhost, process)
            #expect(try ContractCoding.decode(ErrorResponse.self, from: refused.body).error.code == .validationError)
            #expect(try await process.store.jobs(JobFilter()).total == 0)
        }
    }

    @Test func `A redelivery after a crash between commit and reply gets the stored response`() async throws {
        try await withVhost { vhost in
            try await withTemporaryFolder { folder in
                let store = try JobStore.open(.file(folder.path(".harmony/idempotency.db")))
                let intake = Intake(store, limits: AdmissionLimits(), outbox: WakeSignal(), worker: "dead")
                let body = Data(Self.first.utf8)
                let committed = try await intake.submit(
                    body, replay: ReplayKey(Self.plannersKey, scope: "amqp-key/", body: body, origin: .publisher)
                ).response
                try store.close()
                try await GatewayProcess.run(on: vhost, in: folder) { process in
                    try await process.runtime.consuming.declare([.queue("replies")])
                    let reply = try await submit(
                        Self.first, key: .string(Self.plannersKey), vhost, process)
                    let response = try ContractCoding.decode(SubmissionResponse.self, from: reply.body)
                    #expect(response == committed && response.items[0].status == .enqueued)
                    #expect(try await process.store.jobs(JobFilter()).total == 1)
                }
            }
        }
    }

    @Test func `Responses to the planner are stored for 30 days, others for one`() async throws {
        try await withGateway { vhost, process in
            let user = Self.user(of: process)
            _ = try await submit(Self.first, key: .string(Self.plannersKey), user: user, vhost, process)
            _ = try await submit(Self.second, key: .string(Self.plannersKey), vhost, process)
            _ = try await submit(Self.second, key: "mine", user: user, vhost, process)
            let days = try await process.store.writer.read { db in
                try Int.fetchAll(db, sql: "SELECT (expires_at - created_at) / 86400000 FROM responses ORDER BY 1")
            }
            #expect(days == [1, 1, 30])
        }
    }

    // MARK: - Metadata

    private static let withMetadata = #"""
        {"items":[{"artist":"A","title":"T","metadata":{"track":{"artist":"A","title":"T"},
         "provenance":{"title":"spotify"},"at":"2026-01-01T00:00:00Z"}}]}
        """#

    private func metadata(
        of body: String, user: String?, _ vhost: TestVhost, _ process: GatewayProcess
    ) async throws -> MetadataSection? {
        _ = try await submit(body, key: nil, user: user, vhost, process)
        let message = try await eventually("the match queue has the job") {
            try await vhost.removeMessages(QueueName.work(.match), count: 1).first
        }
        return try ContractCoding.decode(JobDocument.self, from: message.body).metadata
    }

    @Test func `Metadata is taken over from the planner's broker user only`() async throws {
        try await withGateway { vhost, process in
            let user = Self.user(of: process)
            let trusted = try await metadata(of: Self.withMetadata, user: user, vhost, process)
            #expect(trusted?.provenance == ["title": "spotify"])
            let other = Self.withMetadata.replacing(#""title":"T""#, with: #""title":"U""#)
            #expect(try await metadata(of: other, user: nil, vhost, process) == nil)
        }
        try await withGateway(["HDM_PLANNER_USER": "planner"]) { vhost, process in
            let user = Self.user(of: process)
            let untrusted = try await metadata(of: Self.withMetadata, user: user, vhost, process)
            #expect(untrusted == nil)
        }
    }

    // MARK: - Links

    @Test func `A link reaches the planner's queue, and the planner's events reach its batch`() async throws {
        try await withGateway { vhost, process in
            let body = #"{"batch_id":"b1","items":[{"link":"spotify:saved"}]}"#
            let reply = try await submit(body, key: "k", vhost, process)
            let expansion = try #require(
                try ContractCoding.decode(SubmissionResponse.self, from: reply.body).expansions.first)
            let message = try await eventually("the planner's queue has the link") {
                try await vhost.peek(QueueName.planner).first
            }
            #expect(message.properties["message_id"] == .string(expansion.expansionID.text))
            #expect(message.properties["type"] == .string(MessageType.link))
            #expect(message.properties["priority"] == 6)
            var event = ExpansionEvent(
                expansionID: expansion.expansionID, batchID: try #require(JobID("b1")), link: "spotify:saved", step: 1,
                state: .completed, counts: .init(read: 2, enqueued: 2), at: .now)
            event.total = 2
            for _ in 0..<2 {
                try await vhost.publish(
                    String(decoding: try ContractCoding.encode(event), as: UTF8.self), to: ExchangeName.events,
                    key: ExpansionEvent.routingKey)
            }
            try await eventually("the batch has the event") {
                try await process.store.batch("b1")?.expansions.first?.state == .completed
            }
            try await eventually("the events are acknowledged") {
                try await vhost.depth(of: QueueName.gatewayEvents) == 0
            }
        }
    }
}
