// Consumers. Each has a channel of its own, so that a channel error affects only one of them.
extension ConnectionDriver {
    func addConsumer(
        _ number: Int, queue: String, prefetch: Int, buffer: DeliveryBuffer, paused: Bool
    ) throws(AMQPError) {
        consumers[number] = ConsumerState(
            queue: queue, prefetch: prefetch, buffer: buffer, isPaused: paused,
            backoff: Backoff(first: configuration.firstBackoff, longest: configuration.longestBackoff))
        guard !paused else { return }
        do throws(AMQPError) {
            try startOrHealConsumer(number)
        } catch {
            consumers[number] = nil
            throw error
        }
    }

    /// Pauses a consumer. Without a connection, the pause takes effect after the next reconnection.
    func pauseConsumer(_ number: Int) throws(AMQPError) {
        guard consumers[number]?.intent == .running else { return }
        try stopConsumer(number, .paused)
    }

    /// Resumes a consumer. Without a connection, it starts after the next reconnection.
    func resumeConsumer(_ number: Int) throws(AMQPError) {
        guard consumers[number]?.intent == .paused else { return }
        consumers[number]?.resume()
        guard wire != nil else { return }
        do throws(AMQPError) {
            try startOrHealConsumer(number)
        } catch {
            retryConsumer(number, after: error)
            throw error
        }
    }

    /// Cancels a consumer. Its channel stays open until the last of its deliveries is settled.
    func cancelConsumer(_ number: Int) throws(AMQPError) {
        try stopConsumer(number, .cancelled)
        guard let channel = consumers[number]?.channel else {
            consumers[number] = nil
            return
        }
        try closeCancelledConsumer(on: channel.number)
    }

    /// Sends a settlement, unless the delivery was settled before or its channel is closed.
    func settle(_ receipt: DeliveryReceipt, _ settlement: Settlement) throws(AMQPError) {
        guard channels.recordSettlement(receipt) else { return }
        try requireWire().settle(receipt.tag, settlement, on: receipt.channel)
    }

    /// Closes the channel of a cancelled consumer if all of its deliveries are settled.
    func closeCancelledConsumer(on channel: UInt16) throws(AMQPError) {
        guard channels.isSettled(channel), let number = consumers.number(on: channel),
            consumers[number]?.intent == .cancelled
        else { return }
        consumers[number] = nil
        channels.close(channel, because: .closed)
        try requireWire().closeChannel(channel)
    }

    /// Starts the consumers whose pause after a failure is over.
    func retryConsumers() throws(AMQPError) {
        for number in consumers.due(at: .now) { startOrRetryConsumer(number) }
        if let failure { throw failure }
    }

    /// Starts a consumer. If the broker refuses it, schedules another attempt.
    func startOrRetryConsumer(_ number: Int) {
        let result = perform { driver throws(AMQPError) in try driver.startOrHealConsumer(number) }
        if case .failure(let error) = result { retryConsumer(number, after: error) }
    }

    /// Handles the end of a consumer by the broker: a deleted queue, a failover, a consumer timeout.
    /// - Parameter isChannelOpen: Whether only the consumer ended. Its channel is closed here then.
    func consumerEnded(on channel: UInt16, _ error: AMQPError, isChannelOpen: Bool) {
        // Before the guard: the channel can belong to an inspection.
        channels.close(channel, because: error)
        guard let number = consumers.number(on: channel) else { return }
        consumers[number]?.channelClosed(keepsUnread: isChannelOpen && error.code == .notFound)
        if consumers[number]?.intent == .cancelled { consumers[number] = nil }
        if isChannelOpen { closeChannel(channel) }
        retryConsumer(number, after: error)
        if error.code == .notFound { healConsumer(number) }
    }
}
