/// What the broker sends without being asked.
enum WireEvent {
    /// Publishes up to `sequence` (or just it) are confirmed, or refused.
    case confirmed(sequence: UInt64, multiple: Bool, refused: Bool)
    /// A mandatory message found no queue; its confirm follows.
    case returned(PublishIdentity, reason: String)
    case delivered(WireDelivery)
    case consumerCancelled(channel: UInt16)
    case channelClosed(channel: UInt16, AMQPError)
    case connectionClosed(AMQPError)
    case blocked(reason: String)
    case unblocked
    case other
}

/// A delivery with the channel it came through.
struct WireDelivery {
    var channel: UInt16
    var tag: UInt64
    var exchange: String
    var routingKey: String
    var redelivered: Bool
    var remaining: Int?
    var message: Message
}
