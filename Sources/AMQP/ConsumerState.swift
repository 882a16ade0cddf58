/// A consumer as the connection's thread sees it.
struct ConsumerState {
    let queue: String
    let prefetch: Int
    let buffer: DeliveryBuffer
    var isPaused = false
    /// Over for good; kept while deliveries of its channel are not ended.
    var isCancelled = false
    /// The open channel it has; `nil` while there is none.
    var channel: OpenChannel?
    /// Whether the broker has been asked to send.
    var isConsuming = false
    /// When to try again after the broker refused or ended it.
    var retryAt: ContinuousClock.Instant?
    var failures = 0
}

/// A channel number with the count that tells its openings apart.
struct OpenChannel: Equatable {
    let number: UInt16
    let generation: UInt64
}
