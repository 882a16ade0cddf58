/// The state machine of one consumer.
///
/// The intent is what the subscription requested; the phase is what the connection has achieved. They differ while
/// there is no connection, and after the broker ended the consumer.
struct ConsumerState {
    enum Intent { case running, paused, cancelled }

    enum Phase: Equatable {
        /// Not consuming. The channel stays open while a paused consumer has deliveries that are not settled.
        case stopped(OpenChannel?)
        case consuming(OpenChannel)
        /// The broker refused or ended the consumer; it is started again at this time.
        case retrying(at: ContinuousClock.Instant)
    }

    let queue: String
    let prefetch: Int
    let buffer: DeliveryBuffer
    private(set) var intent: Intent
    private(set) var phase = Phase.stopped(nil)
    private var backoff: Backoff

    init(queue: String, prefetch: Int, buffer: DeliveryBuffer, isPaused: Bool, backoff: Backoff) {
        self.queue = queue
        self.prefetch = prefetch
        self.buffer = buffer
        self.backoff = backoff
        intent = isPaused ? .paused : .running
    }

    /// The open channel of the consumer, if it has one.
    var channel: OpenChannel? {
        switch phase {
        case .stopped(let channel): channel
        case .consuming(let channel): channel
        case .retrying: nil
        }
    }

    /// Whether the broker sends deliveries.
    var isConsuming: Bool { if case .consuming = phase { true } else { false } }

    func isDue(at now: ContinuousClock.Instant) -> Bool {
        if case .retrying(let time) = phase { time <= now } else { false }
    }

    /// Pauses or cancels a running consumer.
    /// - Returns: The channel on which the broker must be asked to stop; `nil` if the broker sends nothing.
    mutating func stop(_ newIntent: Intent) -> OpenChannel? {
        intent = newIntent
        let consuming = isConsuming ? channel : nil
        phase = .stopped(channel)
        return consuming
    }

    /// Requests deliveries again. The caller starts the consumer if there is a connection.
    mutating func resume() { intent = .running }

    mutating func started(on channel: OpenChannel) {
        phase = .consuming(channel)
        backoff.reset()
    }

    /// The channel is closed, or the connection is lost: the broker requeues the deliveries that were not read.
    /// - Parameter keepsUnread: Whether the reader gets them all the same, because they may be gone with their queue.
    mutating func channelClosed(keepsUnread: Bool = false) {
        phase = .stopped(nil)
        if !keepsUnread { _ = buffer.removeAll() }
    }

    /// Makes the next start of a consumer that the broker refused or ended due, because its queue exists again.
    mutating func expediteRetry() { if case .retrying = phase { phase = .retrying(at: .now) } }

    /// Schedules the next start of a consumer that the broker refused or ended.
    mutating func scheduleRetry() { phase = .retrying(at: .now + backoff.next()) }
}
