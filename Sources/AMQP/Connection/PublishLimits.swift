// Limits of the protocol. librabbitmq truncates the length of a name that is too long, and stops within a message whose
// headers are too large. In both cases the broker would close the connection at every attempt.
extension PendingPublish {
    /// Whether the broker closed the channel because this message is larger than its limit (RabbitMQ,
    /// `max_message_size`). The error contains the size.
    func isRefusedForSize(by error: AMQPError) -> Bool {
        error.code == .preconditionFailed && error.message.contains("message size \(message.body.count) is larger than")
    }

    /// Returns why the message cannot be encoded in AMQP; `nil` if it can.
    func problem(largestFrame: Int) -> AMQPError? {
        let properties = message.properties
        let names = [
            exchange, routingKey, properties.contentType, properties.contentEncoding, properties.correlationID,
            properties.replyTo, properties.expiration, properties.messageID, properties.type, properties.userID,
            properties.appID,
        ]
        guard names.allSatisfy({ $0?.isName ?? true }), properties.headers.hasNames else {
            return AMQPError(
                .invalidMessage, "a name, a property or the name of a header has more than 255 bytes; shorten it")
        }
        // The frame, class, size and flags, and every property that is not text.
        let rest = names.reduce(64) { $0 + ($1?.utf8.count ?? 0) + 1 }
        guard properties.headers.encodedSize + rest <= largestFrame else {
            return AMQPError(
                .invalidMessage,
                "the headers do not fit into one frame of \(largestFrame) bytes; remove or shorten headers")
        }
        return nil
    }
}

extension String {
    /// Whether the text can be encoded as a short string (AMQP 0-9-1, section 4.2.5.3).
    fileprivate var isName: Bool { utf8.count <= 255 }
}

extension FieldTable {
    fileprivate var hasNames: Bool { allSatisfy { $0.key.isName && $0.value.hasNames } }

    fileprivate var encodedSize: Int { reduce(4) { $0 + 1 + $1.key.utf8.count + $1.value.encodedSize } }
}

extension FieldValue {
    fileprivate var hasNames: Bool {
        switch self {
        case .table(let fields): fields.hasNames
        case .array(let elements): elements.allSatisfy(\.hasNames)
        default: true
        }
    }

    /// The encoded size in bytes, including the type octet.
    fileprivate var encodedSize: Int {
        switch self {
        case .string(let text): 5 + text.utf8.count
        case .bytes(let values): 5 + values.count
        case .integer, .double, .timestamp: 9
        case .bool: 2
        case .void: 1
        case .array(let elements): elements.reduce(5) { $0 + $1.encodedSize }
        case .table(let fields): 1 + fields.encodedSize
        }
    }
}
