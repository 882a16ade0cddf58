/// The open channels of consumers and inspections, with the deliveries on them that are not settled.
///
/// The channels for calls and for publishes are not in the table.
struct ChannelTable {
    private struct Channel {
        let generation: UInt64
        var unsettled: Set<UInt64> = []
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

    mutating func close(_ number: UInt16) { channels[number] = nil }

    mutating func removeAll() { channels = [:] }

    func isOpen(_ channel: OpenChannel) -> Bool { channels[channel.number]?.generation == channel.generation }

    /// Whether every delivery of a channel is settled.
    func isSettled(_ number: UInt16) -> Bool { channels[number]?.unsettled.isEmpty ?? true }

    mutating func recordDelivery(_ tag: UInt64, on number: UInt16) { channels[number]?.unsettled.insert(tag) }

    /// Records that a delivery is settled.
    /// - Returns: Whether the settlement must be sent. It must not be sent twice, because the broker would close the
    ///   channel. It is not needed if the channel is closed, because the broker has requeued the message.
    mutating func recordSettlement(_ receipt: DeliveryReceipt) -> Bool {
        guard channels[receipt.channel]?.generation == receipt.generation else { return false }
        return channels[receipt.channel]?.unsettled.remove(receipt.tag) != nil
    }
}
