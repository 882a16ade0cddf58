import AMQP
import Contracts
import Testing

@testable import RecoveryService

struct DeathRecordTests {
    private let own: FieldTable = [
        "x-hdm-dead-reason": "timeout", "x-hdm-dead-error": "slow", "x-hdm-dead-stage": "tag",
        "x-hdm-dead-at": "2026-01-01T00:00:00.000Z", "x-hdm-worker": "w",
    ]

    @Test func `The record of the worker is read`() {
        let record = DeathRecord(own, routingKey: "dead.tag")
        #expect(record.reason == "timeout")
        #expect(record.place == "tag")
        #expect(record.queue == "hdm.dlq.tag")
        #expect(record.worker == "w")
    }

    @Test func `The record of the broker counts if it is later than the worker's`() {
        var headers = own
        headers["x-death"] = death(at: 1_900_000_000, in: "hdm.q.move")
        #expect(DeathRecord(headers, routingKey: "broker.move").reason == "rejected")
        #expect(DeathRecord(headers, routingKey: "broker.move").place == "move")
        headers["x-death"] = death(at: 1_500_000_000, in: "hdm.q.move")
        #expect(DeathRecord(headers, routingKey: "dead.tag").reason == "timeout")
    }

    @Test func `The end of a wait in a retry queue is not a death`() {
        let record = DeathRecord(["x-death": death(at: 1_900_000_000, in: "hdm.retry.5s")], routingKey: "dead.match")
        #expect(record.reason != "rejected")
    }

    @Test func `A document that breaks the contract is in the queue of invalid documents`() {
        #expect(DeathRecord([:], routingKey: "invalid.tag").queue == "hdm.dlq.invalid")
        #expect(DeathRecord([:], routingKey: "invalid.tag").place == "tag")
        #expect(DeathRecord([:], routingKey: "invalid.intake").place == "intake")
    }

    @Test func `Headers of unexpected types are ignored`() {
        let headers: FieldTable = [
            "x-death": .array([1, .table(["reason": 7]), "x"]), "x-hdm-dead-at": "yesterday", "x-hdm-dead-reason": 5,
        ]
        #expect(DeathRecord(headers, routingKey: "").queue == "hdm.dlq.invalid")
    }

    private func death(at seconds: UInt64, in queue: String) -> FieldValue {
        .array([.table(["reason": "rejected", "queue": .string(queue), "time": .timestamp(seconds), "count": 1])])
    }
}
