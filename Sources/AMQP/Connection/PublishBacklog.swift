import DequeModule

/// Publishes that wait for a connection, for room in the window, or for the end of a broker alarm.
struct PublishBacklog {
    private var waiting: Deque<PendingPublish> = []
    /// The approximate size in memory.
    private var bytes = 0

    var count: Int { waiting.count }

    /// Whether one more publish can wait. One alone always can, whatever its size.
    func hasRoom(for publish: PendingPublish, limit: Int) -> Bool {
        waiting.isEmpty || bytes + publish.size <= limit
    }

    mutating func append(_ publish: PendingPublish) {
        bytes += publish.size
        waiting.append(publish)
    }

    /// Inserts publishes that were in flight before those that wait, so that the order stays.
    mutating func prepend(_ publishes: [PendingPublish]) {
        for publish in publishes { bytes += publish.size }
        waiting.insert(contentsOf: publishes, at: 0)
    }

    mutating func popFirst() -> PendingPublish? {
        guard let publish = waiting.popFirst() else { return nil }
        bytes -= publish.size
        return publish
    }

    mutating func removeAll() -> [PendingPublish] {
        defer { self = PublishBacklog() }
        return Array(waiting)
    }

    /// Fails the publishes whose deadline has passed or whose delivery has ended.
    mutating func expire(at now: ContinuousClock.Instant) {
        guard waiting.contains(where: { $0.ending(at: now) != nil }) else { return }
        // One look at each, because a delivery can end in between.
        for publish in removeAll() {
            if let error = publish.ending(at: now) { publish.finish(.failure(error)) } else { append(publish) }
        }
    }
}
