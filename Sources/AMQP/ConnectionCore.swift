import Foundation
import Logging

/// The state of a connection and the loop that serves it. Lives on the connection's own thread, which never runs a
/// handler: heartbeats flow whatever the rest of the process does.
final class ConnectionCore {
    static let callChannel: UInt16 = 1
    static let publishChannel: UInt16 = 2

    let configuration: ConnectionConfiguration
    let mailbox: Mailbox
    let board: StatusBroadcaster
    let watch: StallWatch
    let logger: Logger

    var wire: WireConnection?
    var declarations: [Declaration] = []
    var consumers: [Int: ConsumerState] = [:]
    var window = PublishWindow()
    var backlog = PublishBacklog()
    var channels = ChannelNumbers()
    var isCallChannelOpen = false
    /// Why the broker takes no publishes, while it takes none.
    var blocked: String?
    /// A failure met inside a call that makes the connection useless.
    var failure: AMQPError?

    private var waitingCalls: [PendingCall] = []
    /// Commands that were taken from the mailbox and not looked at yet, the next one last.
    private var commands: [Command] = []
    private var closing: [CheckedContinuation<Void, Never>] = []
    private var isClosing = false
    private var nextAddress = 0
    private var nextHousekeeping = ContinuousClock.now

    init(
        _ configuration: ConnectionConfiguration, mailbox: Mailbox, board: StatusBroadcaster, watch: StallWatch,
        logger: Logger
    ) {
        self.configuration = configuration
        self.mailbox = mailbox
        self.board = board
        self.watch = watch
        self.logger = logger
    }

    /// Connects, serves, and connects again until the connection is closed.
    func run() {
        var backoff = Backoff(first: configuration.firstBackoff, longest: configuration.longestBackoff)
        while !isClosing {
            do throws(AMQPError) {
                try connect()
                backoff.reset()
                try pump()
            } catch {
                disconnect(because: error)
                waitDisconnected(for: backoff.next())
            }
        }
        end()
    }

    /// Runs a call of the protocol now.
    func perform<Value>(_ body: (ConnectionCore) throws(AMQPError) -> Value) -> Result<Value, AMQPError> {
        do throws(AMQPError) {
            return .success(try body(self))
        } catch {
            if [.connectionLost, .timedOut].contains(error.code) { failure = error }
            return .failure(error)
        }
    }

    /// The open connection.
    func requireWire() throws(AMQPError) -> WireConnection {
        guard let wire else { throw AMQPError(.connectionLost, "not connected to the broker") }
        return wire
    }
}

// MARK: - Connecting

extension ConnectionCore {
    private func connect() throws(AMQPError) {
        let address = configuration.addresses[nextAddress % configuration.addresses.count]
        nextAddress += 1
        let wire = try WireConnection(address, configuration)
        self.wire = wire
        channels.highest = wire.highestChannel
        failure = nil
        watch.begin(wire.fileDescriptor)
        try openBaseChannels(wire)
        for declaration in declarations {
            watch.workBegins()
            try wire.declare(declaration, on: Self.callChannel)
        }
        for number in consumers.keys.sorted() where consumers[number]?.isPaused == false { startAgain(number) }
        if let failure { throw failure }
        board.set(.open(serverVersion: wire.serverVersion, blocked: nil))
    }

    private func openBaseChannels(_ wire: WireConnection) throws(AMQPError) {
        try wire.openChannel(Self.callChannel)
        isCallChannelOpen = true
        try openPublishChannel(wire)
    }

    func openPublishChannel(_ wire: WireConnection) throws(AMQPError) {
        try wire.openChannel(Self.publishChannel)
        try wire.selectConfirms(Self.publishChannel)
    }

    /// Forgets what died with the connection. Unconfirmed publishes are sent again: the next connection may tell of
    /// them twice, which receivers must bear, but none is lost.
    private func disconnect(because error: AMQPError) {
        watch.end()
        wire = nil
        isCallChannelOpen = false
        blocked = nil
        channels.forgetAll()
        backlog.putFirst(window.takeAll())
        while let command = commands.popLast() { handleDisconnected(command) }
        consumers = consumers.filter { !$0.value.isCancelled }
        for number in consumers.keys {
            consumers[number]?.channel = nil
            consumers[number]?.isConsuming = false
            _ = consumers[number]?.buffer.takeAll()
        }
        board.set(.down(error))
    }

    private func waitDisconnected(for pause: Duration) {
        let end = ContinuousClock.now + pause
        while !isClosing, ContinuousClock.now < end {
            for command in mailbox.takeAll() { handleDisconnected(command) }
            expire()
            waitForWake(atMost: min(end - .now, .milliseconds(250)))
        }
    }

    private func handleDisconnected(_ command: Command) {
        switch command {
        case .publish(let publish): backlog.append(publish)
        case .settle: break
        case .call(let call) where call.needsConnection: waitingCalls.append(call)
        case .call(let call): call.run(self)
        case .close(let continuation): close(continuation)
        }
    }

    private func close(_ continuation: CheckedContinuation<Void, Never>) {
        closing.append(continuation)
        isClosing = true
    }

    private func end() {
        // A broker that takes no publishes reads nothing, and would not answer.
        if blocked == nil { wire?.close() }
        watch.end()
        wire = nil
        mailbox.close()
        for publish in window.takeAll() + backlog.takeAll() { publish.finish(.failure(.closed)) }
        for call in waitingCalls { call.fail(.closed) }
        for consumer in consumers.values {
            // The broker has them back: nobody is to work on them here.
            _ = consumer.buffer.takeAll()
            consumer.buffer.finish()
        }
        consumers = [:]
        board.set(.closed)
        for continuation in closing { continuation.resume() }
    }
}

// MARK: - Serving

extension ConnectionCore {
    private func pump() throws(AMQPError) {
        while !isClosing {
            watch.workBegins()
            try runCalls()
            try runCommands()
            try drainEvents()
            try flushBacklog()
            try keepHouse()
            watch.workEnds()
            if !isClosing { waitForInput() }
        }
        try drainPublishes()
    }

    /// Runs what waited for the connection. When it is lost again, the rest waits on.
    private func runCalls() throws(AMQPError) {
        while !waitingCalls.isEmpty {
            waitingCalls.removeFirst().run(self)
            if let failure { throw failure }
        }
    }

    /// Runs what callers ask. When the connection is lost over one command, the others are still answered.
    private func runCommands() throws(AMQPError) {
        commands = mailbox.takeAll().reversed()
        while let command = commands.popLast() { try handle(command) }
    }

    private func handle(_ command: Command) throws(AMQPError) {
        switch command {
        case .publish(let publish):
            backlog.append(publish)
        case .settle(let receipt, let settlement):
            try settle(receipt, settlement)
            try endIfSettled(receipt.channel)
        case .call(let call):
            // What was posted before goes first, so that a call sees its effect.
            try flushBacklog()
            call.run(self)
            if let failure { throw failure }
        case .close(let continuation):
            close(continuation)
        }
    }

    /// Publishes what may go out now: never into a broker that asked to wait, where a publish would block for good.
    func flushBacklog() throws(AMQPError) {
        guard let wire, blocked == nil else { return }
        while window.hasRoom(for: configuration.confirmWindow), let publish = backlog.popFirst() {
            // Each on its own: many large ones over a slow line are no stall.
            watch.workBegins()
            if let problem = publish.problem(largestFrame: wire.largestFrame) {
                publish.finish(.failure(problem))
                continue
            }
            window.add(publish)
            try wire.publish(
                publish.message, exchange: publish.exchange, key: publish.routingKey, on: Self.publishChannel)
        }
    }

    private func drainEvents() throws(AMQPError) {
        guard let wire else { return }
        // Bounded, so that a flood of deliveries does not keep acks from going out.
        for _ in 0..<512 {
            guard let event = try wire.nextEvent() else { return }
            try handle(event)
        }
    }

    private func keepHouse() throws(AMQPError) {
        guard ContinuousClock.now >= nextHousekeeping else { return }
        nextHousekeeping = .now + .milliseconds(200)
        expire()
        try retryConsumers()
    }

    private func expire() {
        let now = ContinuousClock.now
        window.expire(at: now)
        backlog.expire(at: now)
        let late = waitingCalls.filter { $0.deadline <= now }
        waitingCalls.removeAll { $0.deadline <= now }
        for call in late { call.fail(AMQPError(.timedOut, "no connection to the broker in time")) }
    }

    /// On closing: what was handed over before is confirmed or given up, within the call timeout.
    private func drainPublishes() throws(AMQPError) {
        let deadline = ContinuousClock.now + configuration.callTimeout
        while window.count + backlog.count > 0, blocked == nil, ContinuousClock.now < deadline {
            commands = mailbox.takeAll().reversed()
            while let command = commands.popLast() { try handleClosing(command) }
            try flushBacklog()
            try drainEvents()
            expire()
            waitForInput()
        }
    }

    private func handleClosing(_ command: Command) throws(AMQPError) {
        switch command {
        case .settle, .close: try handle(command)
        case .publish, .call: command.fail(.closed)
        }
    }

    private func waitForInput() {
        if let wire, wire.hasBufferedInput { return }
        waitForWake(atMost: .milliseconds(200))
    }

    private func waitForWake(atMost limit: Duration) {
        var descriptors = [pollfd(fd: mailbox.wakeDescriptor, events: Int16(POLLIN), revents: 0)]
        if let wire { descriptors.append(pollfd(fd: wire.fileDescriptor, events: Int16(POLLIN), revents: 0)) }
        _ = poll(&descriptors, nfds_t(descriptors.count), Int32(max(0, limit / .milliseconds(1))))
    }
}
