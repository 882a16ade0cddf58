import AMQP
import Contracts
import Foundation
import Testing

@testable import ServiceKit

struct DeadLetterTests {
    private func deadLetter(_ headers: FieldTable, _ change: (inout DeadLetter) -> Void = { _ in }) -> DeadLetter {
        var message = Message(body: Data("{".utf8))
        message.properties.headers = headers
        message.properties.messageID = "m1"
        var deadLetter = DeadLetter(
            message, kind: .dead, place: "tag", error: JobError(.diskFull, "no space"), envelope: JobEnvelope(),
            worker: "tag-host-1")
        change(&deadLetter)
        return deadLetter
    }

    @Test func `The record of the death replaces older ones and leaves the message alone`() throws {
        var envelope = JobEnvelope()
        envelope.attempt = 5
        envelope.hop = 3
        let deadLetter = deadLetter([
            "x-death": .array([]), "x-first-death-queue": "q", "x-last-death-reason": "rejected",
            MessageHeader.deadReason: "timeout", MessageHeader.deadError: "old", MessageHeader.deadStage: "match",
            MessageHeader.worker: "old", MessageHeader.redeliveries: 6, MessageHeader.notBefore: "2030-01-01T00:00:00Z",
            "mine": "kept",
        ]) { $0.envelope = envelope }
        let headers = deadLetter.marked.properties.headers
        #expect(deadLetter.marked.body == Data("{".utf8))
        #expect(deadLetter.marked.properties.messageID == "m1")
        #expect(headers[MessageHeader.deadReason] == "disk_full")
        #expect(headers[MessageHeader.deadError] == "no space")
        #expect(headers[MessageHeader.deadStage] == "tag")
        #expect(headers[MessageHeader.worker] == "tag-host-1")
        #expect(headers[MessageHeader.attempt] == 5)
        #expect(headers[MessageHeader.hop] == 4)
        #expect(headers["mine"] == "kept")
        let at = try #require(headers[MessageHeader.deadAt]?.stringValue.flatMap { Timestamp($0) })
        #expect(abs(at.since(Timestamp.now) / .seconds(1)) < 60)
        #expect(headers.count == 8)
    }

    @Test func `The routing key names the parking lot`() {
        #expect(deadLetter([:]).routingKey == "dead.tag")
        #expect(deadLetter([:]) { $0.kind = .invalid }.routingKey == "invalid.tag")
    }

    @Test func `A dead deadLetter gets a message id and loses its expiration and user`() throws {
        let marked = deadLetter([:]) {
            $0.message.properties.messageID = nil
            $0.message.properties.isPersistent = false
            $0.message.properties.expiration = "1000"
            $0.message.properties.userID = "somebody"
            $0.message.properties.correlationID = "c1"
            $0.message.properties.priority = 7
        }.marked.properties
        #expect(try UUID(uuidString: #require(marked.messageID)) != nil)
        #expect(marked.isPersistent)
        #expect(marked.expiration == nil)
        #expect(marked.userID == nil)
        #expect(marked.correlationID == "c1")
        #expect(marked.priority == 7)
    }

    @Test func `Headers that would route a dead deadLetter elsewhere are removed`() {
        let marked = deadLetter(["CC": .array(["job.match"]), "BCC": .array(["job.tag"])]).marked
        #expect(marked.properties.headers["CC"] == nil)
        #expect(marked.properties.headers["BCC"] == nil)
    }

    @Test func `Large headers are removed so that the dead deadLetter can be published; small ones stay`() {
        var headers: FieldTable = ["small": "kept", "flag": true, "when": .timestamp(1), "share": .double(0.5)]
        headers["large"] = .string(String(repeating: "x", count: 120_000))
        headers["blob"] = .bytes([UInt8](repeating: 0, count: 40_000))
        headers["deep"] = .table(["a": .array((0..<5000).map { .integer($0) })])
        let kept = deadLetter(headers).marked.properties.headers
        #expect(kept["small"] == "kept")
        #expect(kept["flag"] == true)
        for name in ["large", "blob", "deep"] { #expect(kept[name] == nil) }
        let many = FieldTable(
            uniqueKeysWithValues: (0..<2000).map { ("header-\($0)", .string(String(repeating: "y", count: 50))) })
        let some = deadLetter(many).marked.properties.headers.count
        #expect((100..<1000).contains(some))
    }

    @Test func `The error's text is cut to whole characters of a kilobyte`() throws {
        let error = JobError(.internalError, String(repeating: "é", count: 2000))
        let text = try #require(
            deadLetter([:]) { $0.error = error }.marked.properties.headers[MessageHeader.deadError]?.stringValue)
        #expect(text.utf8.count == 1024)
        #expect(text.allSatisfy { $0 == "é" })
    }
}
