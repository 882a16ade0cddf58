import Logging

// What the broker says of its own accord.
extension ConnectionCore {
    func handle(_ event: WireEvent) throws(AMQPError) {
        switch event {
        case .confirmed(let sequence, let multiple, let refused):
            window.confirm(sequence, multiple: multiple, refused: refused)
        case .returned(let identity, let reason):
            window.markReturned(identity, reason: reason)
        case .delivered(let delivery):
            try handOver(delivery)
        case .consumerCancelled(let channel):
            consumerEnded(on: channel, AMQPError(.notFound, "the broker ended the consumer; the queue may be gone"))
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
        blocked = reason
        board.set(.open(serverVersion: wire?.serverVersion ?? "", blocked: reason))
    }

    private func handOver(_ wireDelivery: WireDelivery) throws(AMQPError) {
        guard let consumer = consumers.values.first(where: { $0.channel?.number == wireDelivery.channel }),
            let channel = consumer.channel
        else { return }
        let delivery = Delivery(wireDelivery, generation: channel.generation, mailbox: mailbox)
        if consumer.isPaused {
            try requireWire().settle(wireDelivery.tag, .nack(requeue: true), on: wireDelivery.channel)
        } else {
            channels.handOut(wireDelivery.tag, on: wireDelivery.channel)
            consumer.buffer.put(delivery)
        }
    }

    private func channelClosed(_ channel: UInt16, _ error: AMQPError) throws(AMQPError) {
        switch channel {
        case Self.callChannel: isCallChannelOpen = false
        case Self.publishChannel: try publishChannelClosed(error)
        default: consumerEnded(on: channel, error)
        }
    }

    /// A publish to an exchange that does not exist closes the channel, and the others in flight with it: that one
    /// fails, the others are sent again.
    private func publishChannelClosed(_ error: AMQPError) throws(AMQPError) {
        let (guilty, others) = window.takeAll().split { error.message.contains("'\($0.exchange)'") }
        for publish in guilty { publish.finish(.failure(error)) }
        if guilty.isEmpty {
            for publish in others { publish.finish(.failure(AMQPError(.refused, error.message))) }
        } else {
            backlog.putFirst(others)
        }
        try openPublishChannel(requireWire())
    }
}

extension Delivery {
    convenience init(_ wire: WireDelivery, generation: UInt64, mailbox: Mailbox) {
        self.init(
            message: wire.message, exchange: wire.exchange, routingKey: wire.routingKey,
            redelivered: wire.redelivered, remaining: wire.remaining,
            receipt: DeliveryReceipt(channel: wire.channel, generation: generation, tag: wire.tag), mailbox: mailbox)
    }
}

extension Array {
    fileprivate func split(where isFirst: (Element) -> Bool) -> ([Element], [Element]) {
        (filter(isFirst), filter { !isFirst($0) })
    }
}
