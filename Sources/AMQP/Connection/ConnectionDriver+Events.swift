import Logging

// Events that the broker sends without a request.
extension ConnectionDriver {
    func handle(_ event: WireEvent) throws(AMQPError) {
        switch event {
        case .confirmed(let sequence, let multiple, let refused):
            publisher.confirm(sequence, multiple: multiple, refused: refused)
        case .returned(let identity, let reason):
            publisher.markReturned(identity, reason: reason)
        case .delivered(let delivery):
            try deliver(delivery)
        case .consumerCancelled(let channel):
            let error = AMQPError(.notFound, "the broker cancelled the consumer; check that its queue exists")
            consumerEnded(on: channel, error, isChannelOpen: true)
        case .channelClosed(let channel, let error):
            try channelClosed(channel, error)
        case .connectionClosed(let error):
            throw error
        case .blocked(let reason):
            setBlocked(reason)
        case .unblocked:
            setBlocked(nil)
        case .other:
            break
        }
    }

    private func setBlocked(_ reason: String?) {
        publisher.setBlocked(reason)
        statusBroadcaster.set(.open(serverVersion: wire?.serverVersion ?? "", blocked: reason))
    }

    /// Appends a delivery to the buffer of its subscription, or requeues it if the subscription is paused or cancelled.
    private func deliver(_ wireDelivery: WireDelivery) throws(AMQPError) {
        guard let number = consumers.number(on: wireDelivery.channel), let consumer = consumers[number],
            let channel = consumer.channel
        else { return }
        guard consumer.intent == .running else {
            return try requireWire().settle(wireDelivery.tag, .nack(requeue: true), on: wireDelivery.channel)
        }
        let delivery = Delivery(wireDelivery, generation: channel.generation, mailbox: mailbox)
        channels.recordDelivery(delivery)
        consumer.buffer.append(delivery)
    }

    private func channelClosed(_ channel: UInt16, _ error: AMQPError) throws(AMQPError) {
        switch channel {
        case Self.callChannel:
            calls.isChannelOpen = false
        case Self.publishChannel:
            publisher.channelClosed(error)
            try openPublishChannel(requireWire())
        default:
            consumerEnded(on: channel, error, isChannelOpen: false)
        }
    }
}

extension Delivery {
    convenience init(_ wire: WireDelivery, generation: UInt64, mailbox: Mailbox) {
        self.init(
            message: wire.content.message, problem: wire.content.problem, exchange: wire.exchange,
            routingKey: wire.routingKey,
            redelivered: wire.redelivered, remaining: wire.remaining,
            receipt: DeliveryReceipt(channel: wire.channel, generation: generation, tag: wire.tag), mailbox: mailbox)
    }
}
