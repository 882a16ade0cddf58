import DequeModule

/// The state machine of protocol calls: the calls that wait for a connection, and their shared channel.
struct CallState {
    private var waiting: Deque<PendingCall> = []
    /// Whether the call channel is open. The broker closes it if it refuses a call.
    var isChannelOpen = false

    mutating func enqueue(_ call: PendingCall) { waiting.append(call) }

    mutating func popFirst() -> PendingCall? { waiting.popFirst() }

    mutating func connectionLost() { isChannelOpen = false }

    /// Fails the calls whose deadline has passed.
    mutating func expire(at now: ContinuousClock.Instant) {
        guard waiting.contains(where: { $0.deadline <= now }) else { return }
        for call in waiting where call.deadline <= now { call.fail(.noConnection) }
        waiting.removeAll { $0.deadline <= now }
    }

    mutating func failAll(_ error: AMQPError) {
        for call in waiting { call.fail(error) }
        waiting = []
    }
}

/// A protocol call that waits for its execution on the connection's thread.
struct PendingCall: Sendable {
    /// Whether the call needs an open connection. Otherwise it only changes state in this process.
    let needsConnection: Bool
    let deadline: ContinuousClock.Instant
    let run: @Sendable (ConnectionDriver) -> Void
    let fail: @Sendable (AMQPError) -> Void
}

extension AMQPError {
    fileprivate static let noConnection = AMQPError(
        .timedOut, "there was no connection to the broker in time; check that RabbitMQ is running")
}
