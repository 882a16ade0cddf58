import AMQP
import Contracts
import Foundation

/// A message with the route on which it was published.
struct RoutedMessage: Sendable, Equatable {
    var message: Message
    var exchange: String
    var routingKey: String
    /// The size of a body that was too large to be copied, in bytes.
    var omittedBody: Int?

    init(message: Message, exchange: String, routingKey: String) {
        self.message = message
        self.exchange = exchange
        self.routingKey = routingKey
    }

    init(_ delivery: Delivery) {
        self.init(
            message: delivery.message, exchange: UpgradeName.originalExchange(delivery.exchange),
            routingKey: delivery.routingKey)
        if case .bodyTooLarge(let size) = delivery.problem { omittedBody = size }
    }
}

/// A message as the index stores it.
struct StoredMessage: Sendable, Equatable {
    var exchange: String
    var routingKey: String
    /// ``StoredProperties`` as JSON.
    var properties: Data
    /// The size of the body in bytes.
    var size: Int
    /// `nil` for a body that is larger than ``CompressedBody/largest``. Only its queue has it.
    var body: CompressedBody?

    init(exchange: String, routingKey: String, properties: Data, size: Int, body: CompressedBody?) {
        self.exchange = exchange
        self.routingKey = routingKey
        self.properties = properties
        self.size = size
        self.body = body
    }

    /// - Throws: `EncodingError`.
    init(_ routed: RoutedMessage) throws {
        exchange = routed.exchange
        routingKey = routed.routingKey
        properties = try ContractCoding.encode(StoredProperties(routed.message.properties))
        size = routed.omittedBody ?? routed.message.body.count
        body = routed.omittedBody == nil ? CompressedBody(routed.message.body) : nil
    }

    /// Returns the message; `nil` when its body is not stored or is damaged.
    func restored() throws -> RoutedMessage? {
        guard let body = body?.decompressed() else { return nil }
        return RoutedMessage(
            message: Message(body: body, properties: try storedProperties()), exchange: exchange,
            routingKey: routingKey)
    }

    /// Returns the message without its body.
    func withoutBody() throws -> RoutedMessage {
        RoutedMessage(
            message: Message(body: Data(), properties: try storedProperties()), exchange: exchange,
            routingKey: routingKey)
    }

    private func storedProperties() throws -> MessageProperties {
        try ContractCoding.decode(StoredProperties.self, from: properties).properties
    }
}
