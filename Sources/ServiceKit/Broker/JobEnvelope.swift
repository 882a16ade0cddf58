public import AMQP
public import Contracts

/// The counters of a job that travel in the headers of its message, beside the document.
public struct JobEnvelope: Sendable, Equatable {
    /// Attempts at the present stage, including this one.
    public var attempt = 1
    /// The number of earlier publishes of the document.
    public var hop = 0
    /// How often an operator requeued the job.
    public var requeues = 0
    /// How often the job restarted at an earlier stage because a file that it had produced no longer existed.
    public var restarts = 0
    /// When the job is due; `nil` means now.
    public var notBefore: Timestamp?
    public var traceparent: String?
    /// The hop at which a run began that continues after its message was given back; `nil` for other messages.
    public var run: Int?
    /// Whether another program than HDM published the message: then it has no hop.
    public private(set) var isForeign = false
    /// Whether an operator moved the message from a dead-letter queue to a work queue in the management UI.
    public private(set) var isMoved = false

    /// The largest count that is read. Any publisher can set a header, and a later increment must not overflow.
    private static let mostCounted: Int64 = 1_000_000

    public init() {}

    /// Reads the headers of a delivery.
    ///
    /// A delivery from the default exchange with a death record is a dead letter that an operator moved to a work queue
    /// in the management UI. It counts as the next generation, with a new budget.
    public init(_ delivery: Delivery) {
        let headers = delivery.message.properties.headers
        self.init(headers)
        isMoved = delivery.exchange.isEmpty && headers.keys.contains(where: MessageHeader.isDeathRecord)
        if isMoved { startOver() }
    }

    /// Reads headers as they are.
    public init(_ headers: FieldTable) {
        func count(_ name: String) -> Int {
            headers[name]?.integerValue.map { Int(min(max($0, 0), Self.mostCounted)) } ?? 0
        }
        attempt = max(1, count(MessageHeader.attempt))
        hop = count(MessageHeader.hop)
        requeues = count(MessageHeader.requeues)
        restarts = count(MessageHeader.restarts)
        notBefore = headers[MessageHeader.notBefore]?.stringValue.flatMap { Timestamp($0) }
        // A longer one is not a trace context, and would fill the headers of the next message.
        traceparent = headers[MessageHeader.traceparent]?.stringValue.flatMap { $0.utf8.count <= 256 ? $0 : nil }
        if headers[MessageHeader.run] != nil { run = count(MessageHeader.run) }
        isForeign = headers[MessageHeader.hop] == nil
    }

    /// Resets the counters of the retry budget, for a requeue by an operator.
    public mutating func startOver() {
        attempt = 1
        restarts = 0
        requeues += 1
        notBefore = nil
        run = nil
    }

    /// Returns the envelope for the next stage.
    public func next() -> JobEnvelope {
        var next = JobEnvelope()
        next.hop = hop + 1
        next.requeues = requeues
        next.restarts = restarts
        next.traceparent = traceparent
        return next
    }

    /// Returns the envelope for another attempt at the same stage.
    public func retried(notBefore: Timestamp?) -> JobEnvelope {
        var next = waiting(until: notBefore)
        next.attempt += 1
        next.run = nil
        return next
    }

    /// Returns the envelope for a restart at an earlier stage.
    public func restarted(notBefore: Timestamp? = nil) -> JobEnvelope {
        var next = next()
        next.restarts += 1
        next.notBefore = notBefore
        return next
    }

    /// Returns the envelope for the same attempt at a later time.
    public func waiting(until time: Timestamp?) -> JobEnvelope {
        var next = self
        next.hop += 1
        next.notBefore = time
        (next.isForeign, next.isMoved) = (false, false)
        return next
    }

    /// The hop at which the present run of the stage began.
    public var runHop: Int { run ?? hop }

    /// The names of the headers that only an envelope may set. `traceparent` belongs to the publisher that began the trace.
    static let names: Set = [
        MessageHeader.attempt, MessageHeader.hop, MessageHeader.requeues, MessageHeader.redeliveries,
        MessageHeader.restarts, MessageHeader.notBefore, MessageHeader.run,
    ]

    /// The headers of a message.
    public var headers: FieldTable {
        var headers: FieldTable = [
            MessageHeader.attempt: .integer(Int64(attempt)), MessageHeader.hop: .integer(Int64(hop)),
        ]
        if requeues > 0 { headers[MessageHeader.requeues] = .integer(Int64(requeues)) }
        if restarts > 0 { headers[MessageHeader.restarts] = .integer(Int64(restarts)) }
        if let notBefore { headers[MessageHeader.notBefore] = .string(notBefore.description) }
        if let run { headers[MessageHeader.run] = .integer(Int64(run)) }
        if let traceparent { headers[MessageHeader.traceparent] = .string(traceparent) }
        return headers
    }
}
