public import Contracts
public import Foundation

/// A message in a queue, from the management API.
public struct BrokerMessage: Sendable, Equatable {
    public let exchange: String
    public let routingKey: String
    public let redelivered: Bool
    public let body: Data
    /// `message_id`, `correlation_id`, `type`, `priority` and so on, without the headers.
    public let properties: [String: JSONValue]
    public let headers: [String: JSONValue]

    init?(_ json: JSONValue) {
        guard let exchange = json["exchange"]?.stringValue, let key = json["routing_key"]?.stringValue,
            let body = Self.body(of: json)
        else { return nil }
        self.exchange = exchange
        self.routingKey = key
        self.body = body
        redelivered = json["redelivered"] == .bool(true)
        // The API returns empty properties as an empty list.
        var properties: [String: JSONValue] = [:]
        if case .object(let members)? = json["properties"] { properties = members }
        if case .object(let members)? = properties.removeValue(forKey: "headers") {
            headers = members
        } else {
            headers = [:]
        }
        self.properties = properties
    }

    private static func body(of json: JSONValue) -> Data? {
        guard let payload = json["payload"]?.stringValue else { return nil }
        return json["payload_encoding"] == "base64" ? Data(base64Encoded: payload) : Data(payload.utf8)
    }
}
