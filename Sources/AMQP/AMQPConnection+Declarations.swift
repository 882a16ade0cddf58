// Declares, compares and deletes exchanges, queues and bindings.
extension AMQPConnection {
    /// The result of the comparison of a declaration with the broker.
    public enum Comparison: Sendable, Equatable {
        case asDeclared
        case missing
        /// The object exists with other arguments. The text is the broker's description of the difference.
        case different(String)
    }

    /// Declares exchanges, queues and bindings in order, now and after every reconnection.
    /// - Throws: ``AMQPError`` `.preconditionFailed` if one of them exists with other arguments.
    public func declare(_ declarations: [Declaration]) async throws(AMQPError) {
        try await call { driver throws(AMQPError) in
            for declaration in declarations {
                try driver.onCallChannel { wire, channel throws(AMQPError) in
                    try wire.declare(declaration, on: channel)
                }
            }
            driver.declarations += declarations.filter { !driver.declarations.contains($0) }
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

    /// Deletes a queue and its messages.
    public func deleteQueue(_ queue: String) async throws(AMQPError) {
        try await call { driver throws(AMQPError) in
            try driver.onCallChannel { wire, channel throws(AMQPError) in try wire.deleteQueue(queue, on: channel) }
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
