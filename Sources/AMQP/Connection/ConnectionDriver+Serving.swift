import Foundation

// The loop of an open connection.
extension ConnectionDriver {
    /// Serves the connection until it is closed.
    /// - Throws: ``AMQPError`` if the connection is lost.
    func serve() throws(AMQPError) {
        var nextExpiry = ContinuousClock.now
        while !isClosing {
            stallWatch.workBegins()
            try runWaitingCalls()
            try runCommands(handle)
            try handleEvents()
            try healForUnroutedPublishes()
            try sendPublishes()
            if ContinuousClock.now >= nextExpiry {
                nextExpiry = .now + .milliseconds(200)
                expire(at: .now)
                try retryConsumers()
            }
            stallWatch.workEnds()
            if !isClosing { waitForInput() }
        }
        try completePublishes()
    }

    /// Runs the calls that waited for the connection. If the connection is lost again, the rest continues to wait.
    private func runWaitingCalls() throws(AMQPError) {
        while let call = calls.popFirst() {
            call.run(self)
            if let failure { throw failure }
        }
    }

    /// Runs the queued commands. If one of them loses the connection, the others are kept for the next connection.
    private func runCommands(_ run: (Command) throws(AMQPError) -> Void) throws(AMQPError) {
        commands.append(contentsOf: mailbox.removeAll())
        while let command = commands.popFirst() { try run(command) }
    }

    private func handle(_ command: Command) throws(AMQPError) {
        switch command {
        case .publish(let publish):
            publisher.enqueue(publish)
        case .settle(let receipt, let settlement):
            try settle(receipt, settlement)
            try closeCancelledConsumer(on: receipt.channel)
        case .call(let call):
            // Earlier publishes are sent first, so that a call sees their effect.
            try sendPublishes()
            call.run(self)
            if let failure { throw failure }
        case .close(let continuation):
            closing.append(continuation)
        }
    }

    /// Sends the publishes that can be sent now.
    func sendPublishes() throws(AMQPError) {
        guard let wire else { return }
        while let publish = publisher.next(largestFrame: wire.largestFrame) {
            // Each publish has its own time limit: many large ones over a slow line are not a stall.
            stallWatch.workBegins()
            try wire.publish(
                publish.message, exchange: publish.exchange, key: publish.routingKey, on: Self.publishChannel)
        }
    }

    private func handleEvents() throws(AMQPError) {
        guard let wire else { return }
        // Limited, so that many deliveries do not delay acks.
        for _ in 0..<512 {
            guard let event = try wire.nextEvent() else { return }
            try handle(event)
        }
    }

    /// Fails publishes and calls whose deadline has passed.
    func expire(at now: ContinuousClock.Instant) {
        publisher.expire(at: now)
        calls.expire(at: now)
    }

    /// Waits, while closing, until earlier publishes are confirmed, at most for the call timeout.
    private func completePublishes() throws(AMQPError) {
        let deadline = ContinuousClock.now + configuration.callTimeout
        while publisher.count > 0, !publisher.isBlocked, ContinuousClock.now < deadline {
            try runCommands(handleWhileClosing)
            try healForUnroutedPublishes()
            try sendPublishes()
            try handleEvents()
            expire(at: .now)
            waitForInput()
        }
    }

    private func handleWhileClosing(_ command: Command) throws(AMQPError) {
        switch command {
        case .settle, .close: try handle(command)
        case .publish, .call: command.fail(.closed)
        }
    }

    private func waitForInput() {
        if let wire, wire.hasBufferedInput { return }
        waitForWake(atMost: .milliseconds(200))
    }

    /// Waits for input from the broker or a command from a caller.
    func waitForWake(atMost limit: Duration) {
        var descriptors = [pollfd(fd: mailbox.wakeDescriptor, events: Int16(POLLIN), revents: 0)]
        if let wire { descriptors.append(pollfd(fd: wire.fileDescriptor, events: Int16(POLLIN), revents: 0)) }
        _ = poll(&descriptors, nfds_t(descriptors.count), Int32(max(0, limit / .milliseconds(1))))
    }
}
