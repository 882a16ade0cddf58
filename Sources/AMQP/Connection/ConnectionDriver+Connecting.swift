// Connecting, and the state without a connection.
extension ConnectionDriver {
    /// Opens a connection to the next address, repeats the declarations and starts the consumers. A refused declaration
    /// is logged: the connection is still of use for everything else.
    func connect() throws(AMQPError) {
        let address = configuration.addresses[nextAddress % configuration.addresses.count]
        nextAddress += 1
        let wire = try WireConnection(address, configuration)
        self.wire = wire
        channels.highest = wire.highestChannel
        failure = nil
        stallWatch.begin(wire.fileDescriptor)
        try wire.openChannel(Self.callChannel)
        calls.isChannelOpen = true
        try openPublishChannel(wire)
        if !isHealingSuspended { try repairTopology() }
        for number in consumers.running { startOrRetryConsumer(number) }
        if let failure { throw failure }
        statusBroadcaster.set(.open(serverVersion: wire.serverVersion, blocked: nil))
    }

    func openPublishChannel(_ wire: WireConnection) throws(AMQPError) {
        try wire.openChannel(Self.publishChannel)
        try wire.selectConfirms(Self.publishChannel)
    }

    /// Discards the lost connection. Unconfirmed publishes and waiting calls are kept for the next one.
    func disconnect(because error: AMQPError) {
        stallWatch.end()
        wire = nil
        channels.closeAll(because: error)
        publisher.connectionLost()
        calls.connectionLost()
        consumers.connectionLost()
        while let command = commands.popFirst() { handleDisconnected(command) }
        statusBroadcaster.set(.down(error))
    }

    /// Waits for a pause between two attempts and handles commands in the meantime.
    func waitDisconnected(for pause: Duration) {
        let end = ContinuousClock.now + pause
        while !isClosing, ContinuousClock.now < end {
            for command in mailbox.removeAll() { handleDisconnected(command) }
            expire(at: .now)
            waitForWake(atMost: min(end - .now, .milliseconds(250)))
        }
    }

    /// Handles a command without a connection. A settlement is dropped, because the broker has requeued the message.
    private func handleDisconnected(_ command: Command) {
        switch command {
        case .publish(let publish): publisher.enqueue(publish)
        case .settle: break
        case .call(let call) where call.needsConnection: calls.enqueue(call)
        case .call(let call): call.run(self)
        case .close(let continuation): closing.append(continuation)
        }
    }

    /// Closes the connection and completes everything that waits.
    func end() {
        channels.closeAll(because: .closed)
        // A blocked broker reads nothing, so that it would not reply to the close.
        if !publisher.isBlocked { wire?.close() }
        stallWatch.end()
        wire = nil
        mailbox.close()
        publisher.failAll(.closed)
        calls.failAll(.closed)
        consumers.finishAll()
        healedBroadcaster.finish()
        statusBroadcaster.set(.closed)
        for continuation in closing { continuation.resume() }
    }
}
