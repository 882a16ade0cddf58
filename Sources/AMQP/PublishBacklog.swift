import DequeModule

/// Publishes that wait for a connection, for room in the window, or for an alarm of the broker to end.
struct PublishBacklog {
    private var waiting: Deque<PendingPublish> = []

    var count: Int { waiting.count }

    mutating func append(_ publish: PendingPublish) { waiting.append(publish) }

    /// Puts back what was sent on a connection that is gone, before what waits.
    mutating func putFirst(_ publishes: [PendingPublish]) { waiting.insert(contentsOf: publishes, at: 0) }

    mutating func popFirst() -> PendingPublish? { waiting.popFirst() }

    mutating func takeAll() -> [PendingPublish] {
        defer { waiting = [] }
        return Array(waiting)
    }

    /// Ends what has waited too long.
    mutating func expire(at now: ContinuousClock.Instant) {
        guard waiting.contains(where: { $0.deadline <= now }) else { return }
        for publish in waiting where publish.deadline <= now { publish.finish(.failure(.unconfirmed)) }
        waiting.removeAll { $0.deadline <= now }
    }
}
