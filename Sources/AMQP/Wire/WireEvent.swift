/// A frame that the broker sent without a preceding request.
enum WireEvent {
    /// The broker confirmed or refused the publish with this sequence number; with `multiple`, all publishes up to it.
    case confirmed(sequence: UInt64, multiple: Bool, refused: Bool)
    /// The broker found no queue for a mandatory message. The confirm of the same message follows.
    case returned(PublishIdentity, reason: String)
    case delivered(WireDelivery)
    case consumerCancelled(channel: UInt16)
    case channelClosed(channel: UInt16, AMQPError)
    case connectionClosed(AMQPError)
    case blocked(reason: String)
    case unblocked
    case other
}

/// A delivery and the channel that it arrived on.
struct WireDelivery {
    var channel: UInt16
    var tag: UInt64
    var exchange: String
    var routingKey: String
    var redelivered: Bool
    var remaining: Int?
    var content: WireContent
}

/// The values that a returned message and its publish share.
///
/// Two publishes with the same identity have the same outcome: no queue accepts either of them.
struct PublishIdentity: Hashable {
    let messageID: String?
    let exchange: String
    let routingKey: String
}
