public import Foundation

/// A message as it is published or was delivered.
public struct Message: Sendable, Equatable {
    public var body: Data
    public var properties: MessageProperties

    public init(body: Data, properties: MessageProperties = MessageProperties()) {
        self.body = body
        self.properties = properties
    }
}

/// The properties of a message (AMQP 0-9-1, section 4.2.6.1 and basic class).
public struct MessageProperties: Sendable, Equatable {
    public var contentType: String?
    public var contentEncoding: String?
    public var headers: FieldTable = [:]
    /// Written to disk by the broker (delivery-mode 2).
    public var isPersistent = true
    /// 0 … 9.
    public var priority: UInt8?
    public var correlationID: String?
    public var replyTo: String?
    /// Milliseconds after which the broker drops the message, as text.
    public var expiration: String?
    /// Also tells a returned message from the others in flight: made up when absent.
    public var messageID: String?
    /// Whole seconds since 1970.
    public var timestamp: UInt64?
    public var type: String?
    public var userID: String?
    public var appID: String?

    public init() {}
}
