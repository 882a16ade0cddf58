// Exchanges, queues and bindings.
extension AMQPConnection {
    /// How the broker's state compares with a declaration.
    public enum Comparison: Sendable, Equatable {
        case asDeclared
        case missing
        /// It exists with other arguments; the text names the difference.
        case different(String)
    }

    /// Declares everything, in order, and keeps it: declared again after every reconnection.
    /// - Throws: ``AMQPError`` `.preconditionFailed` when something exists with other arguments.
    public func keep(_ declarations: [Declaration]) async throws(AMQPError) {
        try await call { core throws(AMQPError) in
            for declaration in declarations {
                try core.onCallChannel { wire, channel throws(AMQPError) in
                    try wire.declare(declaration, on: channel)
                }
            }
            core.declarations += declarations.filter { !core.declarations.contains($0) }
        }
    }

    /// Compares a declaration with what the broker has, without making it. Bindings cannot be asked for over AMQP and
    /// count as declared.
    /// - Throws: ``AMQPError`` when the broker cannot be asked.
    public func compare(_ declaration: Declaration) async throws(AMQPError) -> Comparison {
        do {
            try await call { core throws(AMQPError) in
                try core.onCallChannel { wire, channel throws(AMQPError) in
                    try wire.checkExists(declaration, on: channel)
                }
                if case .binding = declaration { return }
                // It exists: declaring it changes nothing and compares the arguments.
                try core.onCallChannel { wire, channel throws(AMQPError) in
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

    /// What a queue holds now.
    /// - Throws: ``AMQPError`` `.notFound` when there is no such queue.
    public func status(of queue: String) async throws(AMQPError) -> QueueStatus {
        try await call { core throws(AMQPError) in
            try core.onCallChannel { wire, channel throws(AMQPError) in try wire.queueStatus(queue, on: channel) }
        }
    }

    /// Deletes a queue and everything in it.
    public func deleteQueue(_ queue: String) async throws(AMQPError) {
        try await call { core throws(AMQPError) in
            try core.onCallChannel { wire, channel throws(AMQPError) in try wire.deleteQueue(queue, on: channel) }
        }
    }

    /// Drops what is ready in a queue, not what consumers hold.
    /// - Returns: how many messages were dropped, as the broker counts.
    public func purgeQueue(_ queue: String) async throws(AMQPError) -> Int {
        try await call { core throws(AMQPError) in
            try core.onCallChannel { wire, channel throws(AMQPError) in try wire.purgeQueue(queue, on: channel) }
        }
    }
}
