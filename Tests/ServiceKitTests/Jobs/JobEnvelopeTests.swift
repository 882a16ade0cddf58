import Contracts
import Foundation
import Testing

@testable import AMQP
@testable import ServiceKit

struct JobEnvelopeTests {
    static func delivery(_ headers: FieldTable, exchange: String = ExchangeName.jobs) -> Delivery {
        var message = Message(body: Data("{}".utf8))
        message.properties.headers = headers
        return Delivery(
            message: message, exchange: exchange, routingKey: "job.match", redelivered: false, remaining: nil,
            receipt: DeliveryReceipt(channel: 3, generation: 1, tag: 1), mailbox: Mailbox())
    }

    private static var full: JobEnvelope {
        var envelope = JobEnvelope()
        envelope.attempt = 3
        envelope.hop = 7
        envelope.requeues = 2
        envelope.restarts = 4
        envelope.notBefore = Timestamp("2030-01-02T03:04:05.678Z")
        envelope.run = 5
        envelope.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
        return envelope
    }

    @Test func `What is written in headers is read again`() {
        #expect(JobEnvelope(Self.delivery(Self.full.headers)) == Self.full)
        #expect(JobEnvelope(Self.delivery(JobEnvelope().headers)) == JobEnvelope())
        #expect(JobEnvelope(Self.delivery([:])).headers == JobEnvelope().headers)
        #expect(JobEnvelope(Self.delivery([:])).isForeign)
        #expect(!JobEnvelope(Self.delivery(JobEnvelope().headers)).isForeign)
        #expect(JobEnvelope().headers == [MessageHeader.attempt: 1, MessageHeader.hop: 0])
        let written = JobEnvelope.names.union([MessageHeader.traceparent]).subtracting([MessageHeader.redeliveries])
        #expect(Set(Self.full.headers.keys) == written)
    }

    @Test func `The next stage has a budget of its own`() {
        let next = Self.full.next()
        #expect((next.attempt, next.hop, next.requeues) == (1, 8, 2))
        #expect((next.restarts, next.run, next.runHop) == (4, nil, 8))
        #expect(next.notBefore == nil)
        #expect(next.traceparent == Self.full.traceparent)
    }

    @Test func `Another attempt is counted, and a wait is not`() {
        let due = Timestamp.now
        let retried = Self.full.retried(notBefore: due)
        #expect((retried.attempt, retried.hop) == (4, 8))
        #expect(retried.notBefore == due)
        let waiting = Self.full.waiting(until: nil)
        #expect((waiting.attempt, waiting.hop, waiting.runHop) == (3, 8, 5))
        #expect(waiting.notBefore == nil)
        #expect((waiting.requeues, waiting.restarts) == (2, 4))
    }

    @Test func `A restart at an earlier stage has a counter of its own`() {
        let restarted = Self.full.restarted()
        #expect((restarted.attempt, restarted.hop, restarted.restarts) == (1, 8, 5))
        #expect(restarted.notBefore == nil)
        let due = Timestamp.now
        #expect(Self.full.restarted(notBefore: due).notBefore == due)
    }

    @Test(arguments: [MessageHeader.deadReason, "x-death", "x-first-death-queue", "x-last-death-reason"])
    func `A dead letter that an operator moved to a work queue starts with a new budget`(_ record: String) {
        var headers = Self.full.headers
        headers[record] = "timeout"
        let moved = JobEnvelope(Self.delivery(headers, exchange: ""))
        #expect((moved.attempt, moved.restarts, moved.requeues) == (1, 0, 3))
        #expect(moved.notBefore == nil)
        #expect(moved.hop == 7)
    }

    @Test func `A death record or the default exchange alone is not an operator's move`() {
        var dead = Self.full.headers
        dead["x-death"] = .array([])
        #expect(JobEnvelope(Self.delivery(dead)) == Self.full)
        #expect(JobEnvelope(Self.delivery(Self.full.headers, exchange: "")) == Self.full)
    }

    @Test(arguments: [Int64.max, .max - 1, 1 << 40, .min, -1])
    func `Counts out of range are clamped`(_ number: Int64) {
        let names = [
            MessageHeader.attempt, MessageHeader.hop, MessageHeader.requeues,
            MessageHeader.restarts,
        ]
        let headers = FieldTable(uniqueKeysWithValues: names.map { ($0, .integer(number)) } + [("x-death", .void)])
        for exchange in ["", ExchangeName.jobs] {
            var envelope = JobEnvelope(Self.delivery(headers, exchange: exchange))
            #expect(envelope.attempt >= 1)
            for count in [envelope.hop, envelope.requeues, envelope.restarts] {
                #expect((0...1_000_001).contains(count))
            }
            envelope = envelope.retried(notBefore: nil).restarted().next()
            envelope.startOver()
            let job = JobDocument(track: Track(artist: "A", title: "T"))
            let event = JobEvent(
                .started, of: job, at: .match, state: .matching, hop: envelope.hop, requeues: envelope.requeues,
                attempt: envelope.attempt, worker: "w")
            #expect(event.sequence >= 0)
        }
    }

    @Test func `A header of another type is ignored, and a number as text is read`() {
        let read = JobEnvelope(
            Self.delivery([
                MessageHeader.attempt: "4", MessageHeader.hop: .double(3), MessageHeader.requeues: true,
                MessageHeader.redeliveries: "many", MessageHeader.restarts: .table([:]),
                MessageHeader.notBefore: "tomorrow", MessageHeader.traceparent: 7,
            ]))
        var expected = JobEnvelope()
        expected.attempt = 4
        #expect(read.headers == expected.headers)
    }
}
