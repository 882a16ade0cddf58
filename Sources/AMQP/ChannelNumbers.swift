/// The channels in use, beside the two that every connection has, and the deliveries on them that nobody has ended.
struct ChannelNumbers {
    private struct Channel {
        let generation: UInt64
        var unsettled: Set<UInt64> = []
    }

    private var channels: [UInt16: Channel] = [:]
    private var generation: UInt64 = 0
    private var last: UInt16 = 2
    /// The highest number that the broker allows.
    var highest: UInt16 = 2047

    /// Takes a free number. Goes round, so that what still comes in for a closed channel never meets a new one of the
    /// same number.
    /// - Throws: ``AMQPError`` when all are in use.
    mutating func open() throws(AMQPError) -> OpenChannel {
        for _ in 2..<max(2, highest) {
            last = last < highest ? last + 1 : 3
            guard channels[last] == nil else { continue }
            generation += 1
            channels[last] = Channel(generation: generation)
            return OpenChannel(number: last, generation: generation)
        }
        throw AMQPError(.protocolError, "all \(highest) channels of the connection are in use")
    }

    mutating func close(_ number: UInt16) { channels[number] = nil }

    mutating func forgetAll() { channels = [:] }

    func isOpen(_ channel: OpenChannel) -> Bool { channels[channel.number]?.generation == channel.generation }

    /// Whether every delivery of a channel has been ended.
    func isSettled(_ number: UInt16) -> Bool { channels[number]?.unsettled.isEmpty ?? true }

    mutating func handOut(_ tag: UInt64, on number: UInt16) { channels[number]?.unsettled.insert(tag) }

    /// Notes that a delivery is ended.
    /// - Returns: whether the broker is to be told: not of one that was ended before, as it would close the channel,
    ///   and not of one whose channel is gone, as it has taken the message back.
    mutating func settle(_ receipt: DeliveryReceipt) -> Bool {
        guard channels[receipt.channel]?.generation == receipt.generation else { return false }
        return channels[receipt.channel]?.unsettled.remove(receipt.tag) != nil
    }
}
