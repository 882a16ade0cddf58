/// Publishes that wait for a connection, for room in the window, or for an alarm of the broker to end.
struct PublishBacklog {
    private var waiting: [PendingPublish] = []
    private var head = 0

    var count: Int { waiting.count - head }

    mutating func append(_ publish: PendingPublish) { waiting.append(publish) }

    /// Puts back what was sent on a connection that is gone, before what waits.
    mutating func putFirst(_ publishes: [PendingPublish]) {
        waiting = publishes + waiting[head...]
        head = 0
    }

    mutating func popFirst() -> PendingPublish? {
        guard head < waiting.count else { return nil }
        defer {
            head += 1
            if head == waiting.count || (head > 256 && head * 2 > waiting.count) {
                waiting.removeFirst(head)
                head = 0
            }
        }
        return waiting[head]
    }

    mutating func takeAll() -> [PendingPublish] {
        defer { self = PublishBacklog() }
        return Array(waiting[head...])
    }

    /// Ends what has waited too long.
    mutating func expire(at now: ContinuousClock.Instant) {
        guard waiting[head...].contains(where: { $0.deadline <= now }) else { return }
        let all = takeAll()
        for publish in all where publish.deadline <= now { publish.finish(.failure(.unconfirmed)) }
        waiting = all.filter { $0.deadline > now }
    }
}
