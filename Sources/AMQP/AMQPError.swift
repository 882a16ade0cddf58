/// A failure of a connection, a call or a publish.
///
/// Messages can contain the reply text of the broker (AMQP 0-9-1, reply-text), but no credentials and no message
/// bodies.
public struct AMQPError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The kind of a failure. New kinds can be added.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        public let description: String

        public static let invalidAddress = Code(description: "invalid_address")
        public static let couldNotConnect = Code(description: "could_not_connect")
        /// The broker refused the user, the password, the vhost or a permission.
        public static let accessRefused = Code(description: "access_refused")
        public static let tlsFailed = Code(description: "tls_failed")
        public static let connectionLost = Code(description: "connection_lost")
        /// The broker did not reply in time. It may have executed the call.
        public static let timedOut = Code(description: "timed_out")
        public static let closed = Code(description: "closed")
        /// No queue is bound for the message (AMQP 0-9-1, basic.return).
        public static let unroutable = Code(description: "unroutable")
        /// The broker refused the message (RabbitMQ, basic.nack).
        public static let refused = Code(description: "refused")
        public static let notFound = Code(description: "not_found")
        /// The declared object exists with other arguments (AMQP 0-9-1, 406). The message contains the difference.
        public static let preconditionFailed = Code(description: "precondition_failed")
        /// The delivery belongs to a lost connection. The broker delivers the message again.
        public static let staleDelivery = Code(description: "stale_delivery")
        /// The message cannot be encoded: a name is longer than 255 bytes, or the headers do not fit into a frame.
        public static let invalidMessage = Code(description: "invalid_message")
        public static let protocolError = Code(description: "protocol_error")
    }

    public let code: Code
    public let message: String

    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    public var description: String { "\(code): \(message)" }

    /// Whether the same call can succeed later without a change of the call or the broker's configuration.
    public var isRetriable: Bool {
        [.couldNotConnect, .connectionLost, .timedOut, .refused].contains(code)
    }

    /// Whether the connection failed, as opposed to a broker that refused the call.
    public var isConnectionFailure: Bool {
        [.couldNotConnect, .connectionLost, .timedOut, .closed, .tlsFailed, .accessRefused].contains(code)
    }
}
