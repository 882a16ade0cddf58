/// Publishes in flight on one channel, by the sequence numbers of publisher confirms (RabbitMQ, confirm.select: the
/// first publish is 1, and one confirm may stand for all up to its number).
struct PublishWindow {
    private var inFlight: [UInt64: Entry] = [:]
    private var lowest: UInt64 = 1
    private var next: UInt64 = 1
    /// Sequence numbers by what tells a returned message from the others.
    private var sequences: [PublishIdentity: [UInt64]] = [:]

    private struct Entry {
        let publish: PendingPublish
        var returned: String?
    }

    private var bytes = 0

    /// The most bytes in flight. A broker that stops reading leaves this much in the buffers of the sockets, so that the
    /// thread gets back to reading why.
    private static let mostBytes = 512 * 1024

    var count: Int { inFlight.count }

    /// Whether one more publish may go out when `limit` may be in flight at once.
    func hasRoom(for limit: Int) -> Bool { count < limit && bytes < Self.mostBytes }

    mutating func add(_ publish: PendingPublish) {
        inFlight[next] = Entry(publish: publish)
        bytes += publish.message.body.count
        sequences[publish.identity, default: []].append(next)
        next += 1
    }

    /// Notes that no queue took a message. Its confirm, which follows, then means a failure.
    mutating func markReturned(_ identity: PublishIdentity, reason: String) {
        guard let sequence = sequences[identity]?.first(where: { inFlight[$0]?.returned == nil }) else { return }
        inFlight[sequence]?.returned = reason
    }

    /// Ends the publishes that a confirm speaks of.
    mutating func confirm(_ sequence: UInt64, multiple: Bool, refused: Bool) {
        if multiple {
            while lowest <= sequence {
                finish(lowest, refused: refused)
                lowest += 1
            }
        } else {
            finish(sequence, refused: refused)
            while lowest < next, inFlight[lowest] == nil { lowest += 1 }
        }
    }

    /// Takes out everything unconfirmed, in the order in which it was published.
    mutating func takeAll() -> [PendingPublish] {
        let left = inFlight.keys.sorted().compactMap { inFlight[$0]?.publish }
        self = PublishWindow()
        return left
    }

    /// Ends what has waited too long; its place in the window stays counted by the broker.
    mutating func expire(at now: ContinuousClock.Instant) {
        for (sequence, entry) in inFlight where entry.publish.deadline <= now {
            remove(sequence)?.publish.finish(.failure(.unconfirmed))
        }
    }

    private mutating func finish(_ sequence: UInt64, refused: Bool) {
        guard let entry = remove(sequence) else { return }
        if let reason = entry.returned {
            entry.publish.finish(
                .failure(
                    AMQPError(
                        .unroutable,
                        "no queue takes '\(entry.publish.routingKey)' of "
                            + "exchange '\(entry.publish.exchange)': \(reason)")))
        } else if refused {
            entry.publish.finish(.failure(AMQPError(.refused, "the broker refused the message; a queue may be full")))
        } else {
            entry.publish.finish(.success(()))
        }
    }

    private mutating func remove(_ sequence: UInt64) -> Entry? {
        guard let entry = inFlight.removeValue(forKey: sequence) else { return nil }
        bytes -= entry.publish.message.body.count
        let identity = entry.publish.identity
        sequences[identity]?.removeAll { $0 == sequence }
        if sequences[identity]?.isEmpty ?? false { sequences[identity] = nil }
        return entry
    }
}

/// What a returned message and its publish have in common. Where two are alike, they share their fate: no queue takes
/// either.
struct PublishIdentity: Hashable {
    let messageID: String?
    let exchange: String
    let routingKey: String
}

extension PendingPublish {
    var identity: PublishIdentity {
        PublishIdentity(messageID: message.properties.messageID, exchange: exchange, routingKey: routingKey)
    }
}

extension AMQPError {
    /// A publish whose confirm did not come in time.
    static let unconfirmed = AMQPError(.timedOut, "no confirm in time; the broker may or may not have the message")
}
