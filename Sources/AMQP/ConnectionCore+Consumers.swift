import Logging

// Consumers: each on a channel of its own, so that what goes wrong with one leaves the others alone.
extension ConnectionCore {
    func addConsumer(
        _ number: Int, queue: String, prefetch: Int, buffer: DeliveryBuffer, paused: Bool
    )
        throws(AMQPError)
    {
        consumers[number] = ConsumerState(queue: queue, prefetch: prefetch, buffer: buffer, isPaused: paused)
        guard !paused else { return }
        do throws(AMQPError) {
            try startConsumer(number)
        } catch {
            consumers[number] = nil
            throw error
        }
    }

    /// Also without a connection: then the pause holds when it is back.
    func pauseConsumer(_ number: Int) throws(AMQPError) {
        guard let consumer = consumers[number], !consumer.isPaused else { return }
        consumers[number]?.isPaused = true
        consumers[number]?.retryAt = nil
        for delivery in consumer.buffer.takeAll() { try settle(delivery.receipt, .nack(requeue: true)) }
        guard consumer.isConsuming, let channel = consumer.channel else { return }
        consumers[number]?.isConsuming = false
        try requireWire().cancelConsumer(tag: tag(number), on: channel.number)
    }

    func resumeConsumer(_ number: Int) throws(AMQPError) {
        guard let consumer = consumers[number], consumer.isPaused else { return }
        consumers[number]?.isPaused = false
        // Without a connection it starts when there is one.
        guard wire != nil else { return }
        do throws(AMQPError) {
            try startConsumer(number)
        } catch {
            retryLater(number, error)
            throw error
        }
    }

    /// Ends a consumer; its channel stays until the last of its deliveries is ended.
    func cancelConsumer(_ number: Int) throws(AMQPError) {
        consumers[number]?.isCancelled = true
        try pauseConsumer(number)
        guard let channel = consumers[number]?.channel else {
            consumers[number] = nil
            return
        }
        try endIfSettled(channel.number)
    }

    /// Tells the broker how a delivery ended, unless that comes too late or a second time.
    func settle(_ receipt: DeliveryReceipt, _ settlement: Settlement) throws(AMQPError) {
        guard channels.settle(receipt) else { return }
        try requireWire().settle(receipt.tag, settlement, on: receipt.channel)
    }

    /// Closes the channel of a cancelled consumer whose deliveries are all ended.
    func endIfSettled(_ channel: UInt16) throws(AMQPError) {
        guard channels.isSettled(channel),
            let ended = consumers.first(where: { $0.value.isCancelled && $0.value.channel?.number == channel })?.key
        else { return }
        consumers[ended] = nil
        channels.close(channel)
        try requireWire().closeChannel(channel)
    }

    /// Starts consumers whose pause after a failure is over.
    func retryConsumers() throws(AMQPError) {
        let now = ContinuousClock.now
        for (number, consumer) in consumers where consumer.retryAt.map({ $0 <= now }) ?? false { startAgain(number) }
        if let failure { throw failure }
    }

    /// Starts a consumer; a refusal is tried again later.
    func startAgain(_ number: Int) {
        let started = perform { core throws(AMQPError) in try core.startConsumer(number) }
        if case .failure(let error) = started { retryLater(number, error) }
    }

    /// The broker ended a consumer, or its channel: a deleted queue, a failover, a consumer timeout.
    func consumerEnded(on channel: UInt16, _ error: AMQPError) {
        guard let number = consumers.first(where: { $0.value.channel?.number == channel })?.key else { return }
        channels.close(channel)
        consumers[number]?.channel = nil
        consumers[number]?.isConsuming = false
        _ = consumers[number]?.buffer.takeAll()
        if consumers[number]?.isCancelled ?? false { consumers[number] = nil }
        if error.code == .notFound, error.message.hasPrefix("the broker ended") { closeQuietly(channel) }
        retryLater(number, error)
    }

    private func startConsumer(_ number: Int) throws(AMQPError) {
        guard let consumer = consumers[number], !consumer.isConsuming else { return }
        let wire = try requireWire()
        let channel = try channel(of: consumer, wire)
        do throws(AMQPError) {
            try wire.consume(consumer.queue, tag: tag(number), on: channel.number)
        } catch {
            channels.close(channel.number)
            consumers[number]?.channel = nil
            throw error
        }
        consumers[number]?.channel = channel
        consumers[number]?.isConsuming = true
        consumers[number]?.retryAt = nil
        consumers[number]?.failures = 0
    }

    private func channel(of consumer: ConsumerState, _ wire: WireConnection) throws(AMQPError) -> OpenChannel {
        if let channel = consumer.channel { return channel }
        let channel = try openChannel(wire)
        try wire.setPrefetch(consumer.prefetch, on: channel.number)
        return channel
    }

    private func closeQuietly(_ channel: UInt16) {
        let closed = perform { core throws(AMQPError) in try core.requireWire().closeChannel(channel) }
        if case .failure(let error) = closed {
            logger.debug("a channel could not be closed", metadata: ["error": "\(error)"])
        }
    }

    private func retryLater(_ number: Int, _ error: AMQPError) {
        guard let consumer = consumers[number], !consumer.isPaused else { return }
        logger.warning(
            "a consumer was ended and will be started again",
            metadata: ["queue": "\(consumer.queue)", "error": "\(error)"])
        let pause = Backoff.delay(
            first: configuration.firstBackoff, longest: configuration.longestBackoff, failures: consumer.failures)
        consumers[number]?.failures += 1
        consumers[number]?.retryAt = .now + pause
    }

    private func tag(_ number: Int) -> String { "hdm-\(number)" }
}
