// What fits into the protocol. librabbitmq cuts the length of a name that is too long, and breaks off within a message
// whose headers are too large: either way the broker closes the connection, and with every attempt again.
extension PendingPublish {
    /// Why the message cannot be written in AMQP; `nil` when it can.
    func problem(largestFrame: Int) -> AMQPError? {
        let properties = message.properties
        let names = [
            exchange, routingKey, properties.contentType, properties.contentEncoding, properties.correlationID,
            properties.replyTo, properties.expiration, properties.messageID, properties.type, properties.userID,
            properties.appID,
        ]
        guard names.allSatisfy({ $0?.isName ?? true }), properties.headers.hasNames else {
            return AMQPError(.invalidMessage, "names, properties and names of headers hold at most 255 bytes")
        }
        // Frame, class, size, flags, and every property that is no text.
        let rest = names.reduce(64) { $0 + ($1?.utf8.count ?? 0) + 1 }
        guard properties.headers.encodedSize + rest <= largestFrame else {
            return AMQPError(.invalidMessage, "the headers exceed \(largestFrame) bytes")
        }
        return nil
    }
}

extension String {
    /// Whether it can be written as a short string (AMQP 0-9-1, section 4.2.5.3).
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

    /// In bytes, with its kind.
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
