/// The consumers of a connection by their number.
struct ConsumerTable {
    private var consumers: [Int: ConsumerState] = [:]

    subscript(number: Int) -> ConsumerState? {
        get { consumers[number] }
        set { consumers[number] = newValue }
    }

    /// The numbers of the consumers that should receive deliveries, in the order of their creation.
    var running: [Int] { consumers.keys.sorted().filter { consumers[$0]?.intent == .running } }

    /// Returns the number of the consumer that uses a channel.
    func number(on channel: UInt16) -> Int? { consumers.first { $0.value.channel?.number == channel }?.key }

    /// Returns the numbers of the consumers whose next start is due.
    func due(at now: ContinuousClock.Instant) -> [Int] {
        consumers.filter { $0.value.isDue(at: now) }.keys.sorted()
    }

    /// Makes the next start of every consumer that the broker refused or ended due.
    mutating func expediteRetries() {
        for number in consumers.keys { consumers[number]?.expediteRetry() }
    }

    /// Removes cancelled consumers and stops the others until there is a connection again.
    mutating func connectionLost() {
        consumers = consumers.filter { $0.value.intent != .cancelled }
        for number in consumers.keys { consumers[number]?.channelClosed() }
    }

    /// Ends the sequences of all subscriptions. Deliveries that were not read are dropped, because the broker has
    /// requeued them.
    mutating func finishAll() {
        for consumer in consumers.values {
            _ = consumer.buffer.removeAll()
            consumer.buffer.finish()
        }
        consumers = [:]
    }
}
