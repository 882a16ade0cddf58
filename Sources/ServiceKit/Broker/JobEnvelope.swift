public import AMQP
public import Contracts

/// What HDM keeps about a job beside its document, in the headers of its message.
public struct JobEnvelope: Sendable, Equatable {
    /// Attempts at the present stage, this one included.
    public var attempt = 1
    /// How often the document was published before.
    public var hop = 0
    /// How often an operator sent the job back to work.
    public var requeues = 0
    /// How often a process died, or lost its connection, with this job in its hands.
    public var redeliveries = 0
    /// How often the job had to begin anew at an earlier stage, as something it made was gone.
    public var restarts = 0
    /// Not to be run before.
    public var notBefore: Timestamp?
    public var traceparent: String?

    /// Headers may come from anybody: a number near the end of the range must not end the process when it grows.
    private static let mostCounted: Int64 = 1_000_000

    public init() {}

    /// Reads the headers of a delivery. A dead letter that an operator moved to a work queue in the management UI comes
    /// through the default exchange with its record of death: it starts with a fresh budget.
    public init(_ delivery: Delivery) {
        let headers = delivery.message.properties.headers
        func count(_ name: String) -> Int {
            headers[name]?.integerValue.map { Int(min(max($0, 0), Self.mostCounted)) } ?? 0
        }
        attempt = max(1, count(MessageHeader.attempt))
        hop = count(MessageHeader.hop)
        requeues = count(MessageHeader.requeues)
        redeliveries = count(MessageHeader.redeliveries)
        restarts = count(MessageHeader.restarts)
        notBefore = headers[MessageHeader.notBefore]?.stringValue.flatMap { Timestamp($0) }
        traceparent = headers[MessageHeader.traceparent]?.stringValue
        if delivery.exchange.isEmpty, headers.keys.contains(where: MessageHeader.isDeathRecord) { startOver() }
    }

    /// A fresh budget, given by an operator.
    public mutating func startOver() {
        attempt = 1
        redeliveries = 0
        restarts = 0
        requeues += 1
        notBefore = nil
    }

    /// For a publish to another stage.
    public func next() -> JobEnvelope {
        var next = JobEnvelope()
        next.hop = hop + 1
        next.requeues = requeues
        next.restarts = restarts
        next.traceparent = traceparent
        return next
    }

    /// For another attempt at the same stage.
    public func retried(notBefore: Timestamp?) -> JobEnvelope {
        var next = waiting(until: notBefore)
        next.attempt += 1
        return next
    }

    /// For a new beginning at an earlier stage.
    public func restarted(notBefore: Timestamp? = nil) -> JobEnvelope {
        var next = next()
        next.restarts += 1
        next.notBefore = notBefore
        return next
    }

    /// For the same attempt, later.
    public func waiting(until time: Timestamp?) -> JobEnvelope {
        var next = self
        next.hop += 1
        next.redeliveries = 0
        next.notBefore = time
        return next
    }

    /// The names of the headers that only an envelope may write. A trace belongs to whoever began it.
    static let names: Set = [
        MessageHeader.attempt, MessageHeader.hop, MessageHeader.requeues, MessageHeader.redeliveries,
        MessageHeader.restarts, MessageHeader.notBefore,
    ]

    /// The headers of a message.
    public var headers: FieldTable {
        var headers: FieldTable = [
            MessageHeader.attempt: .integer(Int64(attempt)), MessageHeader.hop: .integer(Int64(hop)),
        ]
        if requeues > 0 { headers[MessageHeader.requeues] = .integer(Int64(requeues)) }
        if redeliveries > 0 { headers[MessageHeader.redeliveries] = .integer(Int64(redeliveries)) }
        if restarts > 0 { headers[MessageHeader.restarts] = .integer(Int64(restarts)) }
        if let notBefore { headers[MessageHeader.notBefore] = .string(notBefore.description) }
        if let traceparent { headers[MessageHeader.traceparent] = .string(traceparent) }
        return headers
    }
}
