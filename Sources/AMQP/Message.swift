public import Foundation

/// The body and the properties of a message.
public struct Message: Sendable, Equatable {
    public var body: Data
    public var properties: MessageProperties

    public init(body: Data, properties: MessageProperties = MessageProperties()) {
        self.body = body
        self.properties = properties
    }

    /// The message with an id: its own or a new UUID.
    var withID: Message {
        guard properties.messageID == nil else { return self }
        var message = self
        message.properties.messageID = UUID().uuidString.lowercased()
        return message
    }
}

/// The properties of a message (AMQP 0-9-1, section 4.2.6.1 and basic class).
public struct MessageProperties: Sendable, Equatable {
    public var contentType: String?
    public var contentEncoding: String?
    public var headers: FieldTable = [:]
    /// Whether the broker stores the message on disk (delivery-mode 2).
    public var isPersistent = true
    /// 0 to 9.
    public var priority: UInt8?
    public var correlationID: String?
    public var replyTo: String?
    /// The time to live in milliseconds, as text. The broker drops the message afterwards.
    public var expiration: String?
    /// Identifies a returned message among those in flight. A publish without one gets a new UUID.
    public var messageID: String?
    /// Seconds since 1970.
    public var timestamp: UInt64?
    public var type: String?
    public var userID: String?
    public var appID: String?

    public init() {}
}
