import DequeModule
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
    let healedBroadcaster: HealedBroadcaster
    let stallWatch: StallWatch
    let logger: Logger

    var wire: WireConnection?
    /// Declared again after every reconnection, and when they are missing.
    var registry = DeclarationRegistry()
    var isHealingSuspended = false
    /// The earliest time of the next healing for publishes that no queue accepted.
    var nextHealing = ContinuousClock.now
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
    var nextAddress = 0

    init(
        _ configuration: ConnectionConfiguration, mailbox: Mailbox, statusBroadcaster: StatusBroadcaster,
        healedBroadcaster: HealedBroadcaster, stallWatch: StallWatch, logger: Logger
    ) {
        self.configuration = configuration
        self.mailbox = mailbox
        self.statusBroadcaster = statusBroadcaster
        self.healedBroadcaster = healedBroadcaster
        self.stallWatch = stallWatch
        self.logger = logger
        publisher = PublisherState(
            windowSize: configuration.confirmWindow, backlogLimit: configuration.backlogLimit)
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
            if error.losesConnection { failure = error }
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
