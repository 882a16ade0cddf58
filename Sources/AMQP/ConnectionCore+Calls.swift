// Calls on the channel that is kept for them, and inspections, which have one of their own.
extension ConnectionCore {
    /// Runs a call on the call channel, which the broker closes when it refuses one.
    func onCallChannel<Value>(_ body: (WireConnection, UInt16) throws(AMQPError) -> Value) throws(AMQPError) -> Value {
        let wire = try requireWire()
        // A whole topology may be one call: each declaration has its own time.
        watch.workBegins()
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
        try openChannel(requireWire())
    }

    func get(_ queue: String, on channel: OpenChannel) throws(AMQPError) -> Delivery? {
        try check(channel)
        do throws(AMQPError) {
            guard let found = try requireWire().get(queue, on: channel.number) else { return nil }
            channels.handOut(found.tag, on: channel.number)
            return Delivery(found, generation: channel.generation, mailbox: mailbox)
        } catch {
            // The broker closes the channel of a refused call.
            channels.close(channel.number)
            throw error
        }
    }

    func closeInspection(_ channel: OpenChannel) throws(AMQPError) {
        guard channels.isOpen(channel) else { return }
        channels.close(channel.number)
        try requireWire().closeChannel(channel.number)
    }

    /// Opens a channel under a free number.
    func openChannel(_ wire: WireConnection) throws(AMQPError) -> OpenChannel {
        let channel = try channels.open()
        do throws(AMQPError) {
            try wire.openChannel(channel.number)
            return channel
        } catch {
            channels.close(channel.number)
            throw error
        }
    }

    private func check(_ channel: OpenChannel) throws(AMQPError) {
        guard channels.isOpen(channel) else {
            throw AMQPError(.staleDelivery, "the connection was lost; what was held went back to the queue")
        }
    }
}
