import AMQP
import Contracts
import Foundation
import Logging
import Synchronization
import TestSupport

/// Runs a test with a connection and closes it afterwards, also after an error.
func withConnection<Result>(
    to url: String, _ configure: (inout ConnectionConfiguration) -> Void = { _ in },
    _ test: (AMQPConnection) async throws -> Result
) async throws -> Result {
    let connection = try makeConnection(to: url, configure)
    let result: Result
    do {
        result = try await test(connection)
    } catch {
        await connection.close()
        throw error
    }
    await connection.close()
    return result
}

/// Runs a test with a virtual host of its own and a connection to it.
func withConnection<Result>(_ test: (AMQPConnection, TestVhost) async throws -> Result) async throws -> Result {
    try await withVhost { vhost in
        try await withConnection(to: vhost.url) { try await test($0, vhost) }
    }
}

/// Creates a connection with shorter reconnection pauses than in production.
func makeConnection(
    to url: String, _ configure: (inout ConnectionConfiguration) -> Void = { _ in }
) throws -> AMQPConnection {
    var configuration = ConnectionConfiguration(addresses: try BrokerAddress.list(url), name: "test")
    configuration.longestBackoff = .milliseconds(500)
    configure(&configuration)
    var logger = Logger(label: "test")
    logger.logLevel = .critical
    return AMQPConnection(configuration, logger: logger)
}

extension AMQPConnection {
    /// Declares a queue without bindings. The default exchange routes to it.
    func declareQueue(_ name: String, arguments: FieldTable = [:]) async throws {
        try await declare([.queue(name, arguments: arguments)])
    }

    /// Publishes a text to a queue.
    func send(_ text: String, to queue: String, id: String? = nil) async throws(AMQPError) {
        var message = Message(body: Data(text.utf8))
        message.properties.messageID = id
        try await publish(message, to: "", key: queue)
    }

    /// Publishes texts to a queue, all at the same time.
    func send(_ texts: [String], to queue: String) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for text in texts { group.addTask { try await self.send(text, to: queue) } }
            try await group.waitForAll()
        }
    }

    /// Removes and returns all messages of a queue, in order.
    func removeTexts(from queue: String) async throws -> [String] {
        try await inspect(queue) { inspection in
            var texts: [String] = []
            while let delivery = try await inspection.next() {
                texts.append(delivery.text)
                delivery.ack()
            }
            return texts
        }
    }
}

extension Subscription {
    /// Reads the next deliveries without settling them.
    /// - Throws: ``MissingDeliveries`` if fewer arrive in time.
    func read(_ count: Int, within timeout: Duration = .seconds(20)) async throws -> [Delivery] {
        try await withThrowingTaskGroup(of: [Delivery]?.self) { group in
            group.addTask {
                var deliveries: [Delivery] = []
                while deliveries.count < count {
                    guard let delivery = await self.makeAsyncIterator().next() else { break }
                    deliveries.append(delivery)
                }
                return deliveries
            }
            group.addTask {
                try? await Task.sleep(for: timeout)
                return nil
            }
            let first = try await group.next() ?? nil
            group.cancelAll()
            // After the timeout, the cancelled reader returns what it has, so that the error contains the count.
            let read = if let first { first } else { try await group.next() ?? nil }
            guard let read, read.count == count else {
                throw MissingDeliveries(
                    description: "\(read?.count ?? 0) of \(count) deliveries arrived within \(timeout)")
            }
            return read
        }
    }
}

/// Fewer deliveries arrived than a test waits for.
struct MissingDeliveries: Error, CustomStringConvertible {
    let description: String
}

extension Delivery {
    var text: String { String(decoding: message.body, as: UTF8.self) }
}

/// The error that a call throws, or `nil`.
func amqpError(_ call: () async throws -> Void) async -> AMQPError? {
    do {
        try await call()
        return nil
    } catch {
        return error as? AMQPError
    }
}

/// The code of the error that a call throws, or `nil`.
func errorCode(_ call: () async throws -> Void) async -> AMQPError.Code? { await amqpError(call)?.code }

extension AMQPConnection {
    /// Makes the broker close every connection to a virtual host, and waits until this one is open again.
    func loseConnection(of vhost: TestVhost) async throws {
        let old = try await eventually("the management API lists the connection") { () -> Set<String>? in
            let names = try await vhost.connectionNames()
            return names.isEmpty ? nil : names
        }
        try await vhost.closeConnections()
        try await eventually("there is a new connection") {
            let names = try await vhost.connectionNames()
            return !names.isEmpty && names.isDisjoint(with: old)
        }
        try await waitUntilOpen(timeout: .seconds(60))
    }
}

extension TestVhost {
    /// Deletes an exchange like an operator, through the management API.
    func deleteExchange(_ exchange: String) async throws {
        _ = try await management.request("DELETE", ["exchanges", name, exchange])
    }

    /// Deletes a queue like an operator, through the management API.
    func deleteQueue(_ queue: String) async throws {
        _ = try await management.request("DELETE", ["queues", name, queue])
    }

    /// Returns the names of the connections in the management API.
    func connectionNames() async throws -> Set<String> {
        guard case .array(let connections) = try await management.request("GET", ["vhosts", name, "connections"])
        else { return [] }
        return Set(connections.compactMap { $0["name"]?.stringValue })
    }
}

extension ConnectionStatus {
    var isDown: Bool { if case .down = self { true } else { false } }
}

extension ConnectionStatus {
    /// The reason why the broker accepts no publishes; `nil` while it accepts them.
    var blocked: String? { if case .open(_, let reason) = self { reason } else { nil } }
}

/// A counter that tasks share.
final class Counter: Sendable {
    private let count = Atomic<Int>(0)

    var value: Int { count.load(ordering: .sequentiallyConsistent) }

    func increment() { count.add(1, ordering: .sequentiallyConsistent) }
}
