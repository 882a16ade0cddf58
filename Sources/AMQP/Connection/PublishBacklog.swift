import DequeModule

/// Publishes that wait for a connection, for room in the window, or for the end of a broker alarm.
struct PublishBacklog {
    private var waiting: Deque<PendingPublish> = []

    var count: Int { waiting.count }

    mutating func append(_ publish: PendingPublish) { waiting.append(publish) }

    /// Inserts publishes that were in flight before those that wait, so that the order stays.
    mutating func prepend(_ publishes: [PendingPublish]) { waiting.insert(contentsOf: publishes, at: 0) }

    mutating func popFirst() -> PendingPublish? { waiting.popFirst() }

    mutating func removeAll() -> [PendingPublish] {
        defer { waiting = [] }
        return Array(waiting)
    }

    /// Fails the publishes whose deadline has passed or whose delivery has ended.
    mutating func expire(at now: ContinuousClock.Instant) {
        guard waiting.contains(where: { $0.ending(at: now) != nil }) else { return }
        // One look at each, because a delivery can end in between.
        var kept: Deque<PendingPublish> = []
        for publish in waiting {
            if let error = publish.ending(at: now) { publish.finish(.failure(error)) } else { kept.append(publish) }
        }
        waiting = kept
    }
}
