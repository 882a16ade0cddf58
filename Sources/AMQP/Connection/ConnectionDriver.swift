import DequeModule
import Foundation
import Logging

/// Runs one connection on a thread of its own.
///
/// The driver holds the state machines of the publisher, the consumers and the calls, and executes their transitions on
/// the wire. The thread runs no handler of the application, so that heartbeats do not depend on the rest of the
/// process.
final class ConnectionDriver {
    static let callChannel: UInt16 = 1
    static let publishChannel: UInt16 = 2

    let configuration: ConnectionConfiguration
    let mailbox: Mailbox
    let statusBroadcaster: StatusBroadcaster
    let stallWatch: StallWatch
    let logger: Logger

    var wire: WireConnection?
    /// Declared again after every reconnection.
    var declarations: [Declaration] = []
    var publisher: PublisherState
    var consumers = ConsumerTable()
    var calls = CallState()
    var channels = ChannelTable()
    /// A failure inside a call after which the connection cannot be used.
    var failure: AMQPError?

    /// Commands that were removed from the mailbox and not handled yet.
    var commands: Deque<Command> = []
    var closing: [CheckedContinuation<Void, Never>] = []
    var isClosing: Bool { !closing.isEmpty }
    private var nextAddress = 0

    init(
        _ configuration: ConnectionConfiguration, mailbox: Mailbox, statusBroadcaster: StatusBroadcaster,
        stallWatch: StallWatch, logger: Logger
    ) {
        self.configuration = configuration
        self.mailbox = mailbox
        self.statusBroadcaster = statusBroadcaster
        self.stallWatch = stallWatch
        self.logger = logger
        publisher = PublisherState(windowSize: configuration.confirmWindow)
    }

    /// Connects and serves the connection, again and again until the connection is closed.
    func run() {
        var backoff = Backoff(first: configuration.firstBackoff, longest: configuration.longestBackoff)
        while !isClosing {
            do throws(AMQPError) {
                try connect()
                backoff.reset()
                try serve()
            } catch {
                disconnect(because: error)
                waitDisconnected(for: backoff.next())
            }
        }
        end()
    }

    /// Executes a protocol call. Records a failure after which the connection cannot be used.
    func perform<Value>(_ body: (ConnectionDriver) throws(AMQPError) -> Value) -> Result<Value, AMQPError> {
        do throws(AMQPError) {
            return .success(try body(self))
        } catch {
            if [.connectionLost, .timedOut].contains(error.code) { failure = error }
            return .failure(error)
        }
    }

    /// Returns the open connection.
    /// - Throws: ``AMQPError`` `.connectionLost`.
    func requireWire() throws(AMQPError) -> WireConnection {
        guard let wire else { throw AMQPError(.connectionLost, "there is no connection to the broker now; try again") }
        return wire
    }
}

// MARK: - Connecting

extension ConnectionDriver {
    private func connect() throws(AMQPError) {
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
        for declaration in declarations {
            stallWatch.workBegins()
            try wire.declare(declaration, on: Self.callChannel)
        }
        for number in consumers.running { startOrRetryConsumer(number) }
        if let failure { throw failure }
        statusBroadcaster.set(.open(serverVersion: wire.serverVersion, blocked: nil))
    }

    func openPublishChannel(_ wire: WireConnection) throws(AMQPError) {
        try wire.openChannel(Self.publishChannel)
        try wire.selectConfirms(Self.publishChannel)
    }

    private func disconnect(because error: AMQPError) {
        stallWatch.end()
        wire = nil
        channels.removeAll()
        publisher.connectionLost()
        calls.connectionLost()
        consumers.connectionLost()
        while let command = commands.popFirst() { handleDisconnected(command) }
        statusBroadcaster.set(.down(error))
    }

    private func waitDisconnected(for pause: Duration) {
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

    private func end() {
        // A blocked broker reads nothing, so that it would not reply to the close.
        if !publisher.isBlocked { wire?.close() }
        stallWatch.end()
        wire = nil
        mailbox.close()
        publisher.failAll(.closed)
        calls.failAll(.closed)
        consumers.finishAll()
        statusBroadcaster.set(.closed)
        for continuation in closing { continuation.resume() }
    }
}
