import Logging

// The steps of consumers on the wire.
extension ConnectionDriver {
    /// Starts a consumer. If its queue is missing and declared, heals the topology and starts it once more.
    func startOrHealConsumer(_ number: Int) throws(AMQPError) {
        do throws(AMQPError) {
            try startConsumer(number)
        } catch {
            guard error.code == .notFound, let queue = consumers[number]?.queue else { throw error }
            guard try healIfDeclared(queue: queue) else { throw error }
            try startConsumer(number)
        }
    }

    /// Heals the topology after the broker ended a consumer. Its retry starts it.
    func healConsumer(_ number: Int) {
        guard let consumer = consumers[number], consumer.intent == .running else { return }
        _ = perform { driver throws(AMQPError) in
            // The broker also cancels consumers of queues that exist, such as after a failover.
            guard try driver.statusIfPresent(of: consumer.queue) == nil else { return }
            _ = try driver.healIfDeclared(queue: consumer.queue)
        }
    }

    private func startConsumer(_ number: Int) throws(AMQPError) {
        guard let consumer = consumers[number], !consumer.isConsuming else { return }
        let wire = try requireWire()
        let channel: OpenChannel
        if let open = consumer.channel { channel = open } else { channel = try openChannel(wire) }
        do throws(AMQPError) {
            if consumer.channel == nil { try wire.setPrefetch(consumer.prefetch, on: channel.number) }
            try wire.consume(consumer.queue, tag: tag(number), on: channel.number)
        } catch {
            channels.close(channel.number, because: error)
            consumers[number]?.channelClosed()
            throw error
        }
        consumers[number]?.started(on: channel)
    }

    /// Asks the broker to send no more deliveries, then requeues those that were not read.
    func stopConsumer(_ number: Int, _ intent: ConsumerState.Intent) throws(AMQPError) {
        let consuming = consumers[number]?.stop(intent)
        let unread = consumers[number]?.buffer.removeAll() ?? []
        // The broker delivers a requeued message again immediately, also to the same consumer. A quorum queue counts
        // that, and makes a dead letter of a message at its delivery limit.
        if let consuming { try requireWire().cancelConsumer(tag: tag(number), on: consuming.number) }
        for delivery in unread where delivery.lease.end(.settled) {
            try settle(delivery.receipt, .nack(requeue: true))
        }
    }

    func retryConsumer(_ number: Int, after error: AMQPError) {
        guard let consumer = consumers[number], consumer.intent == .running else { return }
        logger.warning(
            "a consumer ended and will be started again",
            metadata: ["queue": "\(consumer.queue)", "error": "\(error)"])
        consumers[number]?.scheduleRetry()
    }

    func closeChannel(_ channel: UInt16) {
        let result = perform { driver throws(AMQPError) in try driver.requireWire().closeChannel(channel) }
        if case .failure(let error) = result {
            logger.debug("cannot close a channel", metadata: ["error": "\(error)"])
        }
    }

    private func tag(_ number: Int) -> String { "hdm-\(number)" }
}
