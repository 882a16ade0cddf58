import AMQP
import Contracts
import Foundation
import ServiceKit
import Testing

struct MessageBuilderTests {
    private let messages = MessageBuilder(instance: "match-host-1")

    @Test func `A job's message has the properties and headers that the contract names`() throws {
        var job = JobDocument.sample()
        job.priority = 7
        var envelope = JobEnvelope()
        envelope.attempt = 2
        envelope.hop = 5
        envelope.requeues = 1
        envelope.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
        let message = try messages.job(job, envelope, messageID: "m-1")
        #expect(try ContractCoding.decode(JobDocument.self, from: message.body) == job)
        var expected = MessageProperties()
        expected.messageID = "m-1"
        expected.contentType = "application/json"
        expected.type = "hdm.job.v1"
        expected.appID = "match-host-1"
        expected.correlationID = job.jobID.text
        expected.priority = 7
        expected.timestamp = message.properties.timestamp
        expected.headers = [
            "x-hdm-attempt": 2, "x-hdm-hop": 5, "x-hdm-requeues": 1,
            "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        ]
        #expect(message.properties == expected)
        #expect(expected.isPersistent)
        let timestamp = try #require(message.properties.timestamp)
        #expect(abs(Double(timestamp) - Date().timeIntervalSince1970) < 60)
    }

    @Test func `A document that was encoded before gets the same properties`() throws {
        let job = JobDocument.sample()
        let body = try ContractCoding.encode(job)
        let encoded = messages.job(
            body, id: job.jobID.text, priority: job.priority, headers: JobEnvelope().headers, messageID: "m-1")
        var direct = try messages.job(job, JobEnvelope(), messageID: "m-1")
        direct.properties.timestamp = encoded.properties.timestamp
        #expect(encoded == Message(body: body, properties: direct.properties))
    }

    @Test func `Messages without an id get different ones, and a priority out of range is clamped`() throws {
        let ids = try (0..<10).map { _ in try messages.job(.sample(), JobEnvelope()).properties.messageID }
        #expect(Set(ids).count == 10 && !ids.contains(nil))
        for (priority, expected) in [(-5, 0), (0, 0), (9, 9), (1000, 255)] {
            let message = messages.job(Data(), id: "j", priority: priority, headers: [:])
            #expect(message.properties.priority == UInt8(expected))
        }
    }

    @Test func `Other messages have their type and headers, and no priority`() {
        let message = messages.message(
            Data("{}".utf8), type: MessageType.event, correlationID: "j", messageID: "e-1", headers: ["x-own": 1])
        #expect(message.body == Data("{}".utf8))
        let properties = message.properties
        #expect(properties.type == "hdm.event.v1" && properties.contentType == "application/json")
        #expect(properties.messageID == "e-1" && properties.correlationID == "j")
        #expect(properties.priority == nil && properties.headers == ["x-own": 1] && properties.isPersistent)
        #expect(properties.appID == "match-host-1")
    }

    @Test func `A requeue keeps the body, the id and the headers of others, and drops the death record`() throws {
        var job = JobDocument.sample()
        job.priority = 3
        var dead = Message(body: try ContractCoding.encode(job))
        dead.properties.messageID = "m-1"
        dead.properties.headers = [
            "x-own": "kept", "x-hdm-dead-reason": "timeout", "x-death": .array([]), "x-hdm-worker": "w",
            "x-hdm-attempt": 5, "x-hdm-not-before": "2999",
        ]
        dead.properties.expiration = "1000"
        dead.properties.userID = "guest"
        dead.properties.isPersistent = false
        var envelope = JobEnvelope()
        envelope.startOver()
        let requeued = messages.requeue(dead, job, envelope)
        #expect(requeued.body == dead.body)
        var expected = MessageProperties()
        expected.messageID = "m-1"
        expected.contentType = "application/json"
        expected.type = "hdm.job.v1"
        expected.correlationID = job.jobID.text
        expected.priority = 3
        expected.headers = ["x-own": "kept", "x-hdm-attempt": 1, "x-hdm-hop": 0, "x-hdm-requeues": 1]
        #expect(requeued.properties == expected)
    }

    @Test func `A requeue keeps the properties that the dead letter has`() {
        var dead = Message(body: Data())
        dead.properties.type = "other"
        dead.properties.contentType = "text/json"
        dead.properties.correlationID = "c"
        dead.properties.priority = 9
        let properties = messages.requeue(dead, .sample(), JobEnvelope()).properties
        #expect(properties.type == "other" && properties.contentType == "text/json")
        #expect(properties.correlationID == "c" && properties.priority == 9)
        #expect(properties.messageID == nil)
    }
}
