// Calls on the channel that is kept for them, and inspections, which have one of their own.
extension ConnectionCore {
    /// Runs a call on the call channel, which the broker closes when it refuses one.
    func onCallChannel<Value>(_ body: (WireConnection, UInt16) throws(AMQPError) -> Value) throws(AMQPError) -> Value {
        let wire = try requireWire()
        if !isCallChannelOpen {
            try wire.openChannel(Self.callChannel)
            isCallChannelOpen = true
        }
        do throws(AMQPError) {
            return try body(wire, Self.callChannel)
        } catch {
            isCallChannelOpen = false
            throw error
        }
    }

    func openInspection() throws(AMQPError) -> OpenChannel {
        let channel = channels.open()
        try requireWire().openChannel(channel.number)
        return channel
    }

    func get(_ queue: String, on channel: OpenChannel) throws(AMQPError) -> Delivery? {
        try check(channel)
        let found = try requireWire().get(queue, on: channel.number)
        return found.map { Delivery($0, generation: channel.generation, mailbox: mailbox) }
    }

    func closeInspection(_ channel: OpenChannel) throws(AMQPError) {
        guard channels.isOpen(channel.number, channel.generation) else { return }
        channels.close(channel.number)
        try requireWire().closeChannel(channel.number)
    }

    private func check(_ channel: OpenChannel) throws(AMQPError) {
        guard channels.isOpen(channel.number, channel.generation) else {
            throw AMQPError(.staleDelivery, "the connection was lost; what was held went back to the queue")
        }
    }
}
