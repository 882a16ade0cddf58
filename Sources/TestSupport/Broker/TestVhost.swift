public import Contracts

/// A virtual host that belongs to one test: its own exchanges, queues and connections.
///
/// Numbers that the management API gives are up to half a second old on a private broker (five on others): ask with
/// ``eventually(_:timeout:_:)-(_,_,()->Bool)``.
public struct TestVhost: Sendable {
    public let name: String
    /// The address to connect to, `amqp://guest:guest@127.0.0.1:5672/<name>`.
    public let url: String
    public let management: BrokerManagement

    /// Messages in a queue, those held by a consumer included; `nil` while the queue does not exist or was not counted.
    public func depth(of queue: String) async throws -> Int? {
        let answer = try await management.requestIfPresent("GET", ["queues", name, queue])
        return answer?["messages"]?.integerValue.map(Int.init)
    }

    /// Messages in every queue that was counted, by the queue's name.
    public func depths() async throws -> [String: Int] {
        guard case .array(let queues) = try await management.request("GET", ["queues", name]) else { return [:] }
        return queues.reduce(into: [:]) { depths, queue in
            guard let name = queue["name"]?.stringValue, let count = queue["messages"]?.integerValue else { return }
            depths[name] = Int(count)
        }
    }

    /// Looks at the first messages of a queue and puts them back; they are marked as redelivered from then on.
    public func peek(_ queue: String, count: Int = 100) async throws -> [BrokerMessage] {
        try await get(queue, count: count, mode: "ack_requeue_true")
    }

    /// Takes the first messages out of a queue.
    public func take(_ queue: String, count: Int = 100) async throws -> [BrokerMessage] {
        try await get(queue, count: count, mode: "ack_requeue_false")
    }

    /// Publishes a persistent message, as "Publish message" of the management UI does.
    /// - Returns: whether it reached a queue.
    @discardableResult
    public func publish(
        _ body: String, to exchange: String, key: String, properties: [String: JSONValue] = [:],
        headers: [String: JSONValue] = [:]
    ) async throws -> Bool {
        var properties = properties
        properties["delivery_mode"] = properties["delivery_mode"] ?? 2
        properties["headers"] = .object(headers)
        // The default exchange goes by this name in the API.
        let exchange = exchange.isEmpty ? "amq.default" : exchange
        let answer = try await management.request(
            "POST", ["exchanges", name, exchange, "publish"],
            body: [
                "properties": .object(properties), "routing_key": .string(key), "payload": .string(body),
                "payload_encoding": "string",
            ])
        return answer["routed"] == .bool(true)
    }

    /// Closes every connection to this virtual host from the broker's side.
    /// - Returns: how many there were.
    @discardableResult
    public func closeConnections() async throws -> Int {
        let answer = try await management.request("GET", ["vhosts", name, "connections"])
        guard case .array(let connections) = answer else { return 0 }
        let names = connections.compactMap { $0["name"]?.stringValue }
        for connection in names { try await management.requestIfPresent("DELETE", ["connections", connection]) }
        return names.count
    }

    /// Moves all messages of a queue to another, exactly as "Move messages" of the management UI does: with a dynamic
    /// shovel that ends after the messages it found. Returns when the shovel is gone.
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
