/// What went wrong between this process and the broker, and whether trying again can help.
///
/// Messages hold what the broker said (AMQP 0-9-1, reply-text), never credentials or bodies.
public struct AMQPError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The kinds of failure; new ones may be added.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        public let description: String

        public static let invalidAddress = Code(description: "invalid_address")
        public static let couldNotConnect = Code(description: "could_not_connect")
        /// The broker refused the user, the password or the vhost.
        public static let accessRefused = Code(description: "access_refused")
        public static let tlsFailed = Code(description: "tls_failed")
        public static let connectionLost = Code(description: "connection_lost")
        /// No answer within the time given. The broker may have done what was asked.
        public static let timedOut = Code(description: "timed_out")
        public static let closed = Code(description: "closed")
        /// No queue takes the message (AMQP 0-9-1, basic.return).
        public static let unroutable = Code(description: "unroutable")
        /// The broker refused the message (RabbitMQ, basic.nack).
        public static let refused = Code(description: "refused")
        public static let notFound = Code(description: "not_found")
        /// It exists with other arguments (AMQP 0-9-1, 406); the message names the difference.
        public static let preconditionFailed = Code(description: "precondition_failed")
        /// The delivery belongs to a connection that is gone; the broker delivers it again.
        public static let staleDelivery = Code(description: "stale_delivery")
        /// The message cannot be written in AMQP: a name beyond 255 bytes, headers beyond a frame.
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

    /// Whether the same call may succeed later without anybody changing anything.
    public var isTransient: Bool {
        [.couldNotConnect, .connectionLost, .timedOut, .refused].contains(code)
    }

    /// Whether the broker itself is away, as opposed to refusing this call.
    public var isConnectionFailure: Bool {
        [.couldNotConnect, .connectionLost, .timedOut, .closed, .tlsFailed, .accessRefused].contains(code)
    }
}
