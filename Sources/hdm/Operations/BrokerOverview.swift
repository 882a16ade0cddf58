import AMQP
import Contracts
import Foundation
import HTTPClient
import ServiceKit

/// The queues and consumers of a vhost, from RabbitMQ's management API.
struct BrokerOverview {
    private let base: String
    private let authorisation: String
    private let vhost: String

    /// Reads `HDM_MANAGEMENT_URL`. User, password and vhost are those of `HDM_AMQP_URL`, unless the address has others.
    /// - Returns: `nil` without the setting.
    /// - Throws: `SettingsError`.
    init?(_ settings: Settings, _ broker: BrokerAddress) throws(SettingsError) {
        guard let text = try settings.secret("HDM_MANAGEMENT_URL") else { return nil }
        guard var parts = URLComponents(string: text), parts.host?.isEmpty == false,
            parts.scheme?.hasPrefix("http") == true
        else { throw SettingsError("HDM_MANAGEMENT_URL", "is not an address such as http://rabbitmq:15672") }
        let user = "\(parts.user ?? broker.user):\(parts.password ?? broker.password)"
        (parts.user, parts.password, parts.query) = (nil, nil, nil)
        authorisation = "Basic \(Data(user.utf8).base64EncodedString())"
        let address = parts.string ?? text
        base = "\(address.hasSuffix("/") ? String(address.dropLast()) : address)/api"
        vhost = broker.vhost.escapedForPath
    }

    /// Returns the messages that clients hold, and the names of the consumers of each queue.
    func use() async throws -> TopologyUpgrade.Overview {
        // Without statistics, which lag several seconds behind.
        let queues = try await list("queues/\(vhost)?disable_stats=true&enable_queue_totals=true")
        var held: [String: Int] = [:]
        for queue in queues {
            guard let name = queue["name"]?.stringValue else { continue }
            held[name] = max(0, Self.number(queue["messages"]) - Self.number(queue["messages_ready"]))
        }
        return TopologyUpgrade.Overview(held: held, consumers: try await consumers())
    }

    /// Returns the names of all queues.
    func queues() async throws -> [String] {
        try await list("queues/\(vhost)?disable_stats=true").compactMap { $0["name"]?.stringValue }.sorted()
    }

    private func consumers() async throws -> [String: [String]] {
        let names = try await list("connections").reduce(into: [String: String]()) { names, connection in
            guard let id = connection["name"]?.stringValue else { return }
            names[id] = connection["user_provided_name"]?.stringValue ?? id
        }
        var consumers: [String: [String]] = [:]
        for consumer in try await list("consumers/\(vhost)") {
            guard let queue = consumer["queue"]?["name"]?.stringValue,
                let connection = consumer["channel_details"]?["connection_name"]?.stringValue
            else { continue }
            consumers[queue, default: []].append(names[connection] ?? connection)
        }
        return consumers
    }

    private func list(_ path: String) async throws -> [JSONValue] {
        let client = HTTPClient(userAgent: "hdm")
        let response = await Result {
            try await client.send(HTTPRequest(.get, "\(base)/\(path)", headers: ["Authorization": authorisation]))
        }
        await client.close()
        do {
            let response = try response.get()
            guard response.isSuccess else { throw UnexpectedStatus(description: "HTTP status \(response.status)") }
            guard case .array(let elements) = try ContractCoding.decode(JSONValue.self, from: response.body) else {
                throw UnexpectedStatus(description: "another response than a list")
            }
            return elements
        } catch {
            throw CommandFailure(
                status: ExitStatus.unavailable, "the management API at HDM_MANAGEMENT_URL does not respond: \(error)")
        }
    }

    private static func number(_ value: JSONValue?) -> Int {
        guard case .integer(let number)? = value else { return 0 }
        return Int(number)
    }

    private struct UnexpectedStatus: Error, CustomStringConvertible { let description: String }
}
