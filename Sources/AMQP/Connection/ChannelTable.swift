/// The open channels of consumers and inspections, with the deliveries on them that are not settled.
///
/// The channels for calls and for publishes are not in the table.
struct ChannelTable {
    private struct Channel {
        let generation: UInt64
        /// The deliveries by their tag.
        var unsettled: [UInt64: DeliveryLease] = [:]
    }

    private var channels: [UInt16: Channel] = [:]
    private var generation: UInt64 = 0
    private var last: UInt16 = 2
    /// The highest channel number that was negotiated with the broker.
    var highest: UInt16 = 2047

    /// Reserves a free number. Numbers are used in turn, so that a late frame for a closed channel does not reach a new
    /// channel with the same number.
    /// - Throws: ``AMQPError`` `.protocolError` if all numbers are in use.
    mutating func open() throws(AMQPError) -> OpenChannel {
        for _ in 2..<max(2, highest) {
            last = last < highest ? last + 1 : 3
            guard channels[last] == nil else { continue }
            generation += 1
            channels[last] = Channel(generation: generation)
            return OpenChannel(number: last, generation: generation)
        }
        throw AMQPError(.protocolError, "all \(highest) channels of the connection are in use; close an inspection")
    }

    /// Removes a channel. Its deliveries that are not settled are lost.
    /// - Parameter reason: What observers of the deliveries receive.
    mutating func close(_ number: UInt16, because reason: AMQPError) {
        guard let channel = channels.removeValue(forKey: number) else { return }
        for lease in channel.unsettled.values { lease.end(.lost(reason)) }
    }

    /// Removes all channels. Their deliveries that are not settled are lost.
    mutating func closeAll(because reason: AMQPError) {
        for number in channels.keys.sorted() { close(number, because: reason) }
    }

    func isOpen(_ channel: OpenChannel) -> Bool { channels[channel.number]?.generation == channel.generation }

    /// Whether every delivery of a channel is settled.
    func isSettled(_ number: UInt16) -> Bool { channels[number]?.unsettled.isEmpty ?? true }

    mutating func recordDelivery(_ delivery: Delivery) {
        channels[delivery.receipt.channel]?.unsettled[delivery.receipt.tag] = delivery.lease
    }

    /// Records that a delivery is settled.
    /// - Returns: Whether the settlement must be sent. It must not be sent twice, because the broker would close the
    ///   channel. It is not needed if the channel is closed, because the broker has requeued the message.
    mutating func recordSettlement(_ receipt: DeliveryReceipt) -> Bool {
        guard channels[receipt.channel]?.generation == receipt.generation else { return false }
        return channels[receipt.channel]?.unsettled.removeValue(forKey: receipt.tag) != nil
    }
}
