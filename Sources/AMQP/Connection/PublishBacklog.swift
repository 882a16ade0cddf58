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

    /// Fails the publishes whose deadline has passed.
    mutating func expire(at now: ContinuousClock.Instant) {
        guard waiting.contains(where: { $0.deadline <= now }) else { return }
        for publish in waiting where publish.deadline <= now { publish.finish(.failure(.unconfirmed)) }
        waiting.removeAll { $0.deadline <= now }
    }
}
