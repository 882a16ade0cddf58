// Declares, compares and deletes exchanges, queues and bindings.
extension AMQPConnection {
    /// The result of the comparison of a declaration with the broker.
    public enum Comparison: Sendable, Equatable {
        case asDeclared
        case missing
        /// The object exists with other arguments. The text is the broker's description of the difference.
        case different(String)
    }

    /// Declares exchanges, queues and bindings in order. The connection declares them again after every reconnection and
    /// when they are missing; see ``heal()``. A publishing connection needs them too, to heal for its publishes.
    /// - Throws: ``AMQPError`` `.preconditionFailed` if one of them exists with other arguments.
    public func declare(_ declarations: [Declaration]) async throws(AMQPError) {
        try await call { driver throws(AMQPError) in
            for declaration in declarations { try driver.declareOnCallChannel(declaration) }
            driver.registry.add(declarations)
            driver.publishDestinations()
        }
    }

    /// Compares a declaration with the broker, without a change. Bindings cannot be queried over AMQP and count as
    /// declared.
    /// - Throws: ``AMQPError`` if the comparison fails.
    public func compare(_ declaration: Declaration) async throws(AMQPError) -> Comparison {
        do {
            try await call { driver throws(AMQPError) in
                try driver.onCallChannel { wire, channel throws(AMQPError) in
                    try wire.checkExists(declaration, on: channel)
                }
                if case .binding = declaration { return }
                // The object exists, so that this declaration only compares the arguments.
                try driver.onCallChannel { wire, channel throws(AMQPError) in
                    try wire.declare(declaration, on: channel)
                }
            }
            return .asDeclared
        } catch {
            switch error.code {
            case .notFound: return .missing
            case .preconditionFailed: return .different(error.message)
            default: throw error
            }
        }
    }

    /// Returns the number of ready messages and consumers of a queue.
    /// - Throws: ``AMQPError`` `.notFound` if the queue does not exist.
    public func status(of queue: String) async throws(AMQPError) -> QueueStatus {
        try await call { driver throws(AMQPError) in
            try driver.onCallChannel { wire, channel throws(AMQPError) in try wire.queueStatus(queue, on: channel) }
        }
    }

    /// Returns the number of ready messages and consumers of several queues in one call. Missing queues are left out.
    public func status(of queues: [String]) async throws(AMQPError) -> [String: QueueStatus] {
        try await call { driver throws(AMQPError) in
            var result: [String: QueueStatus] = [:]
            for queue in queues { result[queue] = try driver.statusIfPresent(of: queue) }
            return result
        }
    }

    /// Deletes a queue and its messages. This connection no longer declares the queue and its bindings.
    /// - Parameter onlyIfEmpty: whether a queue with messages stays. Quorum queues do not support it.
    /// - Throws: ``AMQPError`` `.preconditionFailed` if the queue stays.
    public func deleteQueue(_ queue: String, onlyIfEmpty: Bool = false) async throws(AMQPError) {
        try await call { driver throws(AMQPError) in
            driver.registry.removeQueue(queue)
            driver.publishDestinations()
            try driver.onCallChannel { wire, channel throws(AMQPError) in
                try wire.deleteQueue(queue, onlyIfEmpty: onlyIfEmpty, on: channel)
            }
        }
    }

    /// Deletes an exchange and its bindings. This connection no longer declares them. Does nothing if it is missing.
    public func deleteExchange(_ exchange: String) async throws(AMQPError) {
        try await call { driver throws(AMQPError) in
            driver.registry.removeExchange(exchange)
            driver.publishDestinations()
            try driver.onCallChannel { wire, channel throws(AMQPError) in
                try wire.deleteExchange(exchange, on: channel)
            }
        }
    }

    /// Binds a queue to an exchange once. Unlike ``declare(_:)``, the connection does not repeat it.
    /// - Throws: ``AMQPError`` `.notFound` if the queue or the exchange does not exist.
    public func bind(queue: String, exchange: String, routingKey: String) async throws(AMQPError) {
        let binding = Declaration.binding(queue: queue, exchange: exchange, routingKey: routingKey)
        try await call { driver throws(AMQPError) in try driver.declareOnCallChannel(binding) }
    }

    /// Removes a binding, and does nothing if it is missing. This connection no longer declares it.
    public func unbind(queue: String, exchange: String, routingKey: String) async throws(AMQPError) {
        let binding = Declaration.binding(queue: queue, exchange: exchange, routingKey: routingKey)
        try await call { driver throws(AMQPError) in
            driver.registry.remove(binding)
            try driver.onCallChannel { wire, channel throws(AMQPError) in
                try wire.unbind(queue: queue, exchange: exchange, routingKey: routingKey, on: channel)
            }
        }
    }

    /// Deletes the ready messages of a queue, not those that consumers hold.
    /// - Returns: The number of deleted messages.
    public func purgeQueue(_ queue: String) async throws(AMQPError) -> Int {
        try await call { driver throws(AMQPError) in
            try driver.onCallChannel { wire, channel throws(AMQPError) in try wire.purgeQueue(queue, on: channel) }
        }
    }
}
