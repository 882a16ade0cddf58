/// The state machine of the publisher.
///
/// A publish is in the backlog, then in flight, then completed. It returns to the backlog if its channel or its
/// connection is lost before the confirm arrives. A publish that no queue accepted waits until the topology is healed,
/// and returns to the backlog once.
struct PublisherState {
    private var backlog = PublishBacklog()
    private var window = PublishWindow()
    private var unrouted = UnroutedPublishes()
    private let windowSize: Int
    private let backlogLimit: Int
    /// Why the broker accepts no publishes; `nil` while it accepts them.
    private(set) var blockedReason: String?

    /// The destinations that healing can repair. Other publishes that no queue accepts fail immediately.
    var destinations = DeclaredDestinations() {
        didSet { resendUnrouted() }
    }

    /// - Parameters:
    ///   - windowSize: The highest number of publishes in flight.
    ///   - backlogLimit: The highest number of bytes of the publishes that wait.
    init(windowSize: Int, backlogLimit: Int = 256 << 20) {
        self.windowSize = windowSize
        self.backlogLimit = backlogLimit
    }

    /// Whether the broker accepts no publishes (`connection.blocked`).
    var isBlocked: Bool { blockedReason != nil }

    /// The number of publishes that are not completed.
    var count: Int { backlog.count + window.count + unrouted.count }

    /// Whether publishes wait for the topology to be healed.
    var needsHealing: Bool { unrouted.count > 0 }

    /// Adds a publish to the backlog. Fails it if the backlog is full, unless it belongs to a delivery: the prefetch
    /// counts limit those.
    mutating func enqueue(_ publish: PendingPublish) {
        guard publish.lease != nil || backlog.hasRoom(for: publish, limit: backlogLimit) else {
            return publish.finish(.failure(.backlogFull))
        }
        backlog.append(publish)
    }

    /// Moves the next publish from the backlog into flight. The caller sends it.
    ///
    /// Returns `nil` while the broker is blocked, because a publish to a blocked broker can block without end. Also
    /// completes publishes that are over or do not fit into the protocol.
    mutating func next(largestFrame: Int) -> PendingPublish? {
        while !isBlocked, window.hasRoom(for: windowSize), let publish = backlog.popFirst() {
            if let problem = publish.ending(at: .now) ?? publish.problem(largestFrame: largestFrame) {
                publish.finish(.failure(problem))
                continue
            }
            window.add(publish)
            return publish
        }
        return nil
    }

    mutating func confirm(_ sequence: UInt64, multiple: Bool, refused: Bool) {
        for unrouted in window.confirm(sequence, multiple: multiple, refused: refused) { failOrHeal(unrouted) }
    }

    /// Sends the publishes that waited for healing once more.
    mutating func resendUnrouted() { backlog.prepend(unrouted.removeAll()) }

    mutating func markReturned(_ identity: PublishIdentity, reason: String) {
        window.markReturned(identity, reason: reason)
    }

    mutating func setBlocked(_ reason: String?) { blockedReason = reason }

    /// Handles a close of the publish channel by the broker.
    ///
    /// The broker closes the channel for a publish to a missing exchange, and drops the others in flight with it. The
    /// publishes to the exchange in the error fail, or wait until it is declared again. A publish of the size in the error
    /// fails as invalid. The others are sent again. Without a match, all of them fail.
    mutating func channelClosed(_ error: AMQPError) {
        let inFlight = window.removeAll()
        let isTooLarge = inFlight.map { $0.isRefusedForSize(by: error) }
        let isElsewhere = inFlight.map { error.message.contains("'\($0.exchange)'") }
        guard isTooLarge.contains(true) || isElsewhere.contains(true) else {
            for publish in inFlight { publish.finish(.failure(AMQPError(.refused, error.message))) }
            return
        }
        var others: [PendingPublish] = []
        for (index, publish) in inFlight.enumerated() {
            if isTooLarge[index] {
                publish.finish(.failure(AMQPError(.invalidMessage, error.message)))
            } else if isElsewhere[index] {
                failOrHeal(UnroutedPublish(publish: publish, error: error))
            } else {
                others.append(publish)
            }
        }
        backlog.prepend(others)
    }

    /// Returns unconfirmed publishes to the backlog. The broker may already have them, so a receiver can get a message
    /// twice; none is lost.
    mutating func connectionLost() {
        blockedReason = nil
        backlog.prepend(window.removeAll())
    }

    /// Fails the publishes whose deadline has passed or whose delivery has ended.
    mutating func expire(at now: ContinuousClock.Instant) {
        window.expire(at: now)
        backlog.expire(at: now)
        unrouted.expire(at: now)
    }

    mutating func failAll(_ error: AMQPError) {
        unrouted.failAll()
        for publish in window.removeAll() + backlog.removeAll() { publish.finish(.failure(error)) }
    }

    private mutating func failOrHeal(_ failed: UnroutedPublish) {
        let publish = failed.publish
        let isHealable =
            [.unroutable, .notFound].contains(failed.error.code) && !publish.wasHealed
            && destinations.contains(exchange: publish.exchange, routingKey: publish.routingKey)
        if isHealable { unrouted.append(failed) } else { publish.finish(.failure(failed.error)) }
    }
}
