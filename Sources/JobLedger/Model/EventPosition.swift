import Contracts

/// How far a job is: the sequence number of an event and, between events of one step, their order.
///
/// A step that ran twice, because a process died before its ack, may have ended in two ways. Then the end that advanced
/// the job outweighs the end that stopped it.
struct EventPosition: Sendable, Equatable, Comparable {
    /// The stored form: integers sort as positions do.
    let value: Int64

    /// Before any event.
    static let start = EventPosition(value: -1)

    private static let ranks: Int64 = 8
    /// Limits sequence numbers of other publishers, so that the product does not overflow.
    private static let highestSequence = 1 << 48

    init(value: Int64) { self.value = value }

    init(_ event: JobEvent) {
        value = Int64(max(0, min(event.sequence, Self.highestSequence))) * Self.ranks + Self.rank(event.name)
    }

    /// The sequence number of the event; 0 before any event.
    var sequence: Int { Int(max(0, value) / Self.ranks) }

    /// The generation of the job at this position.
    var generation: Int { JobEvent.requeues(ofSequence: sequence) }

    static func < (lhs: EventPosition, rhs: EventPosition) -> Bool { lhs.value < rhs.value }

    private static func rank(_ name: JobEvent.Name?) -> Int64 {
        switch name {
        case .enqueued, nil: 0
        case .started, .step: 1
        case .retry, .waiting, .review, .deadLettered, .cancelled, .requeued, .purged: 2
        case .completed, .duplicate: 3
        }
    }
}
