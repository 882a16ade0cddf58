import AMQP
import Contracts
import Testing

@testable import RecoveryService

/// What a message tells of its death.
struct DeathRecordTests {
    private let own: FieldTable = [
        "x-hdm-dead-reason": "timeout", "x-hdm-dead-error": "slow", "x-hdm-dead-stage": "tag",
        "x-hdm-dead-at": "2026-01-01T00:00:00.000Z", "x-hdm-worker": "w",
    ]

    @Test func `a worker's word is taken`() {
        let note = DeathRecord(own, routingKey: "dead.tag")
        #expect(note.reason == "timeout")
        #expect(note.place == "tag")
        #expect(note.queue == "hdm.dlq.tag")
        #expect(note.worker == "w")
    }

    @Test func `a later word of the broker outweighs the worker's, an earlier one does not`() {
        var headers = own
        headers["x-death"] = death(at: 1_900_000_000, in: "hdm.q.move")
        #expect(DeathRecord(headers, routingKey: "broker.move").reason == "rejected")
        #expect(DeathRecord(headers, routingKey: "broker.move").place == "move")
        headers["x-death"] = death(at: 1_500_000_000, in: "hdm.q.move")
        #expect(DeathRecord(headers, routingKey: "dead.tag").reason == "timeout")
    }

    @Test func `a retry tier is no death`() {
        let note = DeathRecord(["x-death": death(at: 1_900_000_000, in: "hdm.retry.5s")], routingKey: "dead.match")
        #expect(note.reason != "rejected")
    }

    @Test func `a document that broke the contract lies in its own queue`() {
        #expect(DeathRecord([:], routingKey: "invalid.tag").queue == "hdm.dlq.invalid")
        #expect(DeathRecord([:], routingKey: "invalid.tag").place == "tag")
        #expect(DeathRecord([:], routingKey: "invalid.intake").place == "intake")
    }

    @Test func `headers that are nonsense do no harm`() {
        let headers: FieldTable = [
            "x-death": .array([1, .table(["reason": 7]), "x"]), "x-hdm-dead-at": "yesterday", "x-hdm-dead-reason": 5,
        ]
        #expect(DeathRecord(headers, routingKey: "").queue == "hdm.dlq.invalid")
    }

    private func death(at seconds: UInt64, in queue: String) -> FieldValue {
        .array([.table(["reason": "rejected", "queue": .string(queue), "time": .timestamp(seconds), "count": 1])])
    }
}
