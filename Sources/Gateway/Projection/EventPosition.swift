import Contracts

/// How far along its way a job is: the sequence of an event and, between events of one step, their order.
///
/// A step that was worked on twice, because a process died before its ack, may have ended in two ways. Then the end that
/// took the job on outranks the one that stopped it.
struct EventPosition: Sendable, Equatable, Comparable {
    /// As it is stored: a whole number that sorts as positions do.
    let value: Int64

    /// Before any event.
    static let start = EventPosition(value: -1)

    static let ranks: Int64 = 8
    /// What a stranger sends may be any number; this leaves room for the product.
    private static let highest = 1 << 48

    init(value: Int64) { self.value = value }

    init(_ event: JobEvent) {
        value = Int64(max(0, min(event.sequence, Self.highest))) * Self.ranks + Self.rank(event.name)
    }

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
