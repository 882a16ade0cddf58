import CRabbitMQ
import DequeModule
import Foundation

/// One open connection to the broker.
///
/// librabbitmq is not thread-safe: only one thread may use a connection. Every call may block for up to the call
/// timeout, except ``nextEvent()``, which does not wait.
final class WireConnection {
    let state: amqp_connection_state_t
    let arena = WireArena()
    let callTimeout: Duration
    /// Larger bodies are skipped.
    let largestBody: Int
    /// Events that arrived while a call waited for its content.
    var keptEvents: Deque<WireEvent> = []
    /// The version of RabbitMQ, from the server properties in `connection.start`.
    var serverVersion = ""

    /// Connects and logs in.
    /// - Throws: ``AMQPError`` with the address and the reason.
    init(_ address: BrokerAddress, _ configuration: ConnectionConfiguration) throws(AMQPError) {
        guard let state = amqp_new_connection() else { throw AMQPError(.couldNotConnect, "out of memory") }
        self.state = state
        callTimeout = configuration.callTimeout
        largestBody = configuration.largestBody
        // If one of these throws, deinit frees the connection.
        try open(address, configuration)
        try login(address, configuration)
    }

    deinit { amqp_destroy_connection(state) }

    /// The highest channel number that was negotiated with the broker.
    var highestChannel: UInt16 {
        let highest = UInt16(clamping: amqp_get_channel_max(state))
        // AMQP 0-9-1, connection.tune: zero means no limit.
        return highest == 0 ? .max : highest
    }

    /// The largest frame that was negotiated with the broker, in bytes.
    var largestFrame: Int { Int(amqp_get_frame_max(state)) }

    var fileDescriptor: Int32 { amqp_get_sockfd(state) }

    /// Whether a complete or partial frame is in memory. A poll of the socket does not report such a frame.
    var hasBufferedInput: Bool {
        !keptEvents.isEmpty || amqp_data_in_buffer(state) != 0 || amqp_frames_enqueued(state) != 0
    }

    /// Closes the connection and waits for the broker's reply. The broker has processed everything sent before it
    /// replies.
    func close() { _ = amqp_connection_close(state, Int32(AMQP_REPLY_SUCCESS)) }
}

extension WireConnection {
    /// Throws `.connectionLost` unless a librabbitmq call succeeded.
    func check(_ status: Int32) throws(AMQPError) {
        guard status == AMQP_STATUS_OK.rawValue else { throw AMQPError(.connectionLost, Self.text(status)) }
    }

    static func text(_ status: Int32) -> String { String(cString: amqp_error_string2(status)) }

    static func isTLS(_ status: Int32) -> Bool {
        [
            AMQP_STATUS_SSL_ERROR.rawValue, AMQP_STATUS_SSL_HOSTNAME_VERIFY_FAILED.rawValue,
            AMQP_STATUS_SSL_PEER_VERIFY_FAILED.rawValue, AMQP_STATUS_SSL_CONNECTION_FAILED.rawValue,
        ].contains(status)
    }
}
