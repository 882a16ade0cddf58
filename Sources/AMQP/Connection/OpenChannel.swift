/// An open channel of one connection.
struct OpenChannel: Equatable {
    let number: UInt16
    /// Differs between two channels that used the same number.
    let generation: UInt64
}

/// Identifies a delivery. Delivery tags are counted per channel (AMQP 0-9-1, section 1.2, delivery-tag).
struct DeliveryReceipt: Sendable, Equatable {
    let channel: UInt16
    /// The generation of the channel, so that a tag is never applied to a later channel with the same number.
    let generation: UInt64
    let tag: UInt64
}
