import AMQP

/// The properties of a message as JSON. It preserves the types of all headers, also of nested ones.
struct StoredProperties: Codable, Sendable, Equatable {
    private var contentType: String?
    private var contentEncoding: String?
    private var headers: [String: StoredValue]
    private var priority: UInt8?
    private var correlationID: String?
    private var replyTo: String?
    private var expiration: String?
    private var messageID: String?
    private var timestamp: UInt64?
    private var type: String?
    private var userID: String?
    private var appID: String?

    init(_ properties: MessageProperties) {
        contentType = properties.contentType
        contentEncoding = properties.contentEncoding
        headers = properties.headers.mapValues(StoredValue.init)
        priority = properties.priority
        correlationID = properties.correlationID
        replyTo = properties.replyTo
        expiration = properties.expiration
        messageID = properties.messageID
        timestamp = properties.timestamp
        type = properties.type
        userID = properties.userID
        appID = properties.appID
    }

    var properties: MessageProperties {
        var properties = MessageProperties()
        properties.contentType = contentType
        properties.contentEncoding = contentEncoding
        properties.headers = headers.mapValues(\.value)
        properties.priority = priority
        properties.correlationID = correlationID
        properties.replyTo = replyTo
        properties.expiration = expiration
        properties.messageID = messageID
        properties.timestamp = timestamp
        properties.type = type
        properties.userID = userID
        properties.appID = appID
        return properties
    }
}

/// A value of a header as a JSON object with one member, whose name is the type.
private struct StoredValue: Codable, Sendable, Equatable {
    let value: FieldValue

    init(_ value: FieldValue) { self.value = value }

    private enum CodingKeys: String, CodingKey { case string, integer, double, bool, timestamp, bytes, array, table }

    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        switch fields.allKeys.first {
        case .string: value = .string(try fields.decode(String.self, forKey: .string))
        case .integer: value = .integer(try fields.decode(Int64.self, forKey: .integer))
        // JSON has no infinity.
        case .double: value = .double(Double(bitPattern: try fields.decode(UInt64.self, forKey: .double)))
        case .bool: value = .bool(try fields.decode(Bool.self, forKey: .bool))
        case .timestamp: value = .timestamp(try fields.decode(UInt64.self, forKey: .timestamp))
        case .bytes: value = .bytes(try fields.decode([UInt8].self, forKey: .bytes))
        case .array: value = .array(try fields.decode([StoredValue].self, forKey: .array).map(\.value))
        case .table: value = .table(try fields.decode([String: StoredValue].self, forKey: .table).mapValues(\.value))
        case nil: value = .void
        }
    }

    func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        switch value {
        case .string(let text): try fields.encode(text, forKey: .string)
        case .integer(let number): try fields.encode(number, forKey: .integer)
        case .double(let number): try fields.encode(number.bitPattern, forKey: .double)
        case .bool(let flag): try fields.encode(flag, forKey: .bool)
        case .timestamp(let seconds): try fields.encode(seconds, forKey: .timestamp)
        case .bytes(let bytes): try fields.encode(bytes, forKey: .bytes)
        case .array(let values): try fields.encode(values.map(StoredValue.init), forKey: .array)
        case .table(let table): try fields.encode(table.mapValues(StoredValue.init), forKey: .table)
        case .void: break
        }
    }
}
