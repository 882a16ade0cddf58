/// Publishes that no queue accepted although the destination is declared. They wait for the topology to be healed, and
/// are sent once more afterwards.
struct UnroutedPublishes {
    private var waiting: [UnroutedPublish] = []

    var count: Int { waiting.count }

    mutating func append(_ unrouted: UnroutedPublish) { waiting.append(unrouted) }

    /// Removes and returns the publishes, to be sent once more.
    mutating func removeAll() -> [PendingPublish] {
        defer { waiting = [] }
        return waiting.map {
            var publish = $0.publish
            publish.wasHealed = true
            return publish
        }
    }

    /// Fails all publishes with the reason why no queue accepted them.
    mutating func failAll() {
        for unrouted in waiting { unrouted.publish.finish(.failure(unrouted.error)) }
        waiting = []
    }

    /// Fails the publishes whose deadline has passed or whose delivery has ended.
    mutating func expire(at now: ContinuousClock.Instant) {
        guard !waiting.isEmpty else { return }
        waiting = waiting.filter { unrouted in
            guard let error = unrouted.publish.ending(at: now) else { return true }
            unrouted.publish.finish(.failure(error))
            return false
        }
    }
}
