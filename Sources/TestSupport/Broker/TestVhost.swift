public import Contracts

/// A virtual host that belongs to one test, with its exchanges, queues and connections.
///
/// Counts of the management API are up to half a second old on a private broker, and up to five seconds on others. Use
/// ``eventually(_:timeout:_:)-(_,_,()->Bool)`` for them.
public struct TestVhost: Sendable {
    public let name: String
    /// The AMQP address, `amqp://guest:guest@127.0.0.1:5672/<name>`.
    public let url: String
    public let management: BrokerManagement

    public init(name: String, url: String, management: BrokerManagement) {
        self.name = name
        self.url = url
        self.management = management
    }

    /// Returns the number of messages in a queue, including those that consumers hold; `nil` while the queue does not
    /// exist or was not counted.
    public func depth(of queue: String) async throws -> Int? {
        let response = try await management.requestIfPresent("GET", ["queues", name, queue])
        return response?["messages"]?.integerValue.map(Int.init)
    }

    /// Returns the number of messages in every counted queue, by the name of the queue.
    public func depths() async throws -> [String: Int] {
        guard case .array(let queues) = try await management.request("GET", ["queues", name]) else { return [:] }
        return queues.reduce(into: [:]) { depths, queue in
            guard let name = queue["name"]?.stringValue, let count = queue["messages"]?.integerValue else { return }
            depths[name] = Int(count)
        }
    }

    /// Returns the first messages of a queue and requeues them. They are marked as redelivered afterwards.
    public func peek(_ queue: String, count: Int = 100) async throws -> [BrokerMessage] {
        try await get(queue, count: count, mode: "ack_requeue_true")
    }

    /// Removes and returns the first messages of a queue.
    public func removeMessages(_ queue: String, count: Int = 100) async throws -> [BrokerMessage] {
        try await get(queue, count: count, mode: "ack_requeue_false")
    }

    /// Publishes a persistent message, as "Publish message" of the management UI does.
    /// - Returns: Whether the message was routed to a queue.
    @discardableResult
    public func publish(
        _ body: String, to exchange: String, key: String, properties: [String: JSONValue] = [:],
        headers: [String: JSONValue] = [:]
    ) async throws -> Bool {
        var properties = properties
        properties["delivery_mode"] = properties["delivery_mode"] ?? 2
        properties["headers"] = .object(headers)
        // The name of the default exchange in the API.
        let exchange = exchange.isEmpty ? "amq.default" : exchange
        let response = try await management.request(
            "POST", ["exchanges", name, exchange, "publish"],
            body: [
                "properties": .object(properties), "routing_key": .string(key), "payload": .string(body),
                "payload_encoding": "string",
            ])
        return response["routed"] == .bool(true)
    }

    /// Makes the broker close every connection to this virtual host.
    /// - Returns: The number of closed connections.
    @discardableResult
    public func closeConnections() async throws -> Int {
        let response = try await management.request("GET", ["vhosts", name, "connections"])
        guard case .array(let connections) = response else { return 0 }
        let names = connections.compactMap { $0["name"]?.stringValue }
        for connection in names { try await management.requestIfPresent("DELETE", ["connections", connection]) }
        return names.count
    }

    /// Moves all messages of a queue to another, as "Move messages" of the management UI does: with a dynamic shovel
    /// that ends after the present messages. Waits for the end of the shovel.
    public func moveMessages(from source: String, to target: String) async throws {
        let shovel = ["parameters", "shovel", name, "Move from \(source)"]
        let uri = JSONValue.string("amqp:///\(BrokerManagement.escaped(name))")
        let value: JSONValue = [
            "src-uri": uri, "src-queue": .string(source), "src-protocol": "amqp091", "src-prefetch-count": 1000,
            "src-delete-after": "queue-length", "dest-protocol": "amqp091", "dest-uri": uri,
            "dest-queue": .string(target), "dest-add-forward-headers": false, "ack-mode": "on-confirm",
            "src-consumer-args": [:],
        ]
        let body: JSONValue = [
            "component": "shovel", "vhost": .string(name), "name": .string("Move from \(source)"), "value": value,
        ]
        try await management.request("PUT", shovel, body: body)
        try await eventually("the shovel from \(source) to \(target) has ended", timeout: .seconds(30)) {
            try await management.requestIfPresent("GET", shovel) == nil
        }
    }

    private func get(_ queue: String, count: Int, mode: String) async throws -> [BrokerMessage] {
        let body: JSONValue = ["count": .integer(Int64(count)), "ackmode": .string(mode), "encoding": "auto"]
        guard
            case .array(let messages) = try await management.request(
                "POST", ["queues", name, queue, "get"], body: body)
        else { return [] }
        return messages.compactMap(BrokerMessage.init)
    }
}
