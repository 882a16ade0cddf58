/// The publishes in flight on one channel, by the sequence numbers of publisher confirms.
///
/// The first publish after confirm.select has number 1. One confirm can cover all publishes up to its number.
struct PublishWindow {
    private var inFlight: [UInt64: Entry] = [:]
    private var lowest: UInt64 = 1
    private var next: UInt64 = 1
    /// Sequence numbers by the identity that a returned message carries.
    private var sequences: [PublishIdentity: [UInt64]] = [:]

    private struct Entry {
        let publish: PendingPublish
        var returned: String?
    }

    private var bytes = 0

    /// The highest number of bytes in flight. The socket buffers hold this much if the broker stops reading, so that
    /// the thread can continue and read the reason.
    private static let maximumBytes = 512 * 1024

    var count: Int { inFlight.count }

    /// Whether one more publish can be sent if at most `limit` may be in flight.
    func hasRoom(for limit: Int) -> Bool { count < limit && bytes < Self.maximumBytes }

    mutating func add(_ publish: PendingPublish) {
        inFlight[next] = Entry(publish: publish)
        bytes += publish.message.body.count
        sequences[publish.identity, default: []].append(next)
        next += 1
    }

    /// Records that no queue accepted a message. The confirm that follows then completes it as a failure.
    mutating func markReturned(_ identity: PublishIdentity, reason: String) {
        guard let sequence = sequences[identity]?.first(where: { inFlight[$0]?.returned == nil }) else { return }
        inFlight[sequence]?.returned = reason
    }

    /// Completes the publishes that a confirm covers, except those that no queue accepted.
    /// - Returns: The publishes that no queue accepted. The caller completes them or sends them again.
    mutating func confirm(_ sequence: UInt64, multiple: Bool, refused: Bool) -> [UnroutedPublish] {
        var unrouted: [UnroutedPublish] = []
        if multiple {
            while lowest <= sequence {
                if let publish = finish(lowest, refused: refused) { unrouted.append(publish) }
                lowest += 1
            }
        } else {
            if let publish = finish(sequence, refused: refused) { unrouted.append(publish) }
            while lowest < next, inFlight[lowest] == nil { lowest += 1 }
        }
        return unrouted
    }

    /// Removes and returns all unconfirmed publishes, in their order. Sequence numbers begin at 1 again.
    mutating func removeAll() -> [PendingPublish] {
        let unconfirmed = inFlight.keys.sorted().compactMap { inFlight[$0]?.publish }
        self = PublishWindow()
        return unconfirmed
    }

    /// Fails the publishes whose deadline has passed or whose delivery has ended. A later confirm of their numbers is
    /// ignored.
    mutating func expire(at now: ContinuousClock.Instant) {
        for (sequence, entry) in inFlight {
            guard let error = entry.publish.ending(at: now) else { continue }
            remove(sequence)?.publish.finish(.failure(error))
        }
    }

    /// Completes one publish.
    /// - Returns: The publish if no queue accepted it; it is not completed then.
    private mutating func finish(_ sequence: UInt64, refused: Bool) -> UnroutedPublish? {
        guard let entry = remove(sequence) else { return nil }
        if let reason = entry.returned {
            let error = AMQPError(
                .unroutable,
                "no queue is bound for key '\(entry.publish.routingKey)' of exchange "
                    + "'\(entry.publish.exchange)': \(reason)")
            return UnroutedPublish(publish: entry.publish, error: error)
        }
        if refused {
            entry.publish.finish(
                .failure(AMQPError(.refused, "the broker refused the message; check the length limits of its queues")))
        } else {
            entry.publish.finish(.success(()))
        }
        return nil
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
