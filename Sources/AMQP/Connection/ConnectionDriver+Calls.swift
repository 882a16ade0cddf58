// Calls on the shared call channel, and inspections, which have a channel of their own.
extension ConnectionDriver {
    /// Executes a call on the call channel, and opens it first if the broker closed it for an earlier call.
    func onCallChannel<Value>(_ body: (WireConnection, UInt16) throws(AMQPError) -> Value) throws(AMQPError) -> Value {
        let wire = try requireWire()
        // One call can declare a whole topology: each declaration has its own time limit.
        stallWatch.workBegins()
        if !calls.isChannelOpen {
            try wire.openChannel(Self.callChannel)
            calls.isChannelOpen = true
        }
        do throws(AMQPError) {
            return try body(wire, Self.callChannel)
        } catch {
            calls.isChannelOpen = false
            throw error
        }
    }

    /// Returns the status of a queue; `nil` if it does not exist.
    func statusIfPresent(of queue: String) throws(AMQPError) -> QueueStatus? {
        do throws(AMQPError) {
            return try onCallChannel { wire, channel throws(AMQPError) in try wire.queueStatus(queue, on: channel) }
        } catch {
            guard error.code == .notFound else { throw error }
            return nil
        }
    }

    func openInspection() throws(AMQPError) -> OpenChannel {
        try openChannel(requireWire())
    }

    /// Fetches one message of an inspection.
    func get(_ queue: String, on channel: OpenChannel) throws(AMQPError) -> Delivery? {
        guard channels.isOpen(channel) else {
            throw AMQPError(
                .staleDelivery, "the connection was lost during the inspection; the broker requeued its messages")
        }
        do throws(AMQPError) {
            let received = try requireWire().get(queue, on: channel.number)
            // Before other calls: an event can close the channel that a call uses.
            while let event = wire?.keptEvents.popFirst() { try handle(event) }
            guard let wireDelivery = received else { return nil }
            let delivery = Delivery(wireDelivery, generation: channel.generation, mailbox: mailbox)
            channels.recordDelivery(delivery)
            return delivery
        } catch {
            // The broker closes the channel of a call that it refuses.
            channels.close(channel.number, because: error)
            throw error
        }
    }

    func closeInspection(_ channel: OpenChannel) throws(AMQPError) {
        guard channels.isOpen(channel) else { return }
        channels.close(channel.number, because: .inspectionEnded)
        try requireWire().closeChannel(channel.number)
    }

    /// Opens a channel with a free number.
    func openChannel(_ wire: WireConnection) throws(AMQPError) -> OpenChannel {
        let channel = try channels.open()
        do throws(AMQPError) {
            try wire.openChannel(channel.number)
            return channel
        } catch {
            channels.close(channel.number, because: error)
            throw error
        }
    }
}

extension AMQPError {
    fileprivate static let inspectionEnded = AMQPError(
        .staleDelivery, "the inspection of the queue has ended; the broker requeued the message")
}
