import Contracts
import Foundation
import TestSupport

/// A private RabbitMQ that tests can configure, freeze and reset.
struct BrokerNode {
    private let broker: PrivateBroker

    var url: String { broker.url }
    var vhost: TestVhost { broker.vhost }

    /// Runs a test with a node and stops it afterwards, also after an error.
    /// - Parameters:
    ///   - configuration: Returns additional lines of `rabbitmq.conf`. It can write files to the folder.
    ///   - advanced: Returns the text of `advanced.config`; used together with `configuration`.
    static func run(
        configuration: (TemporaryFolder) async throws -> String? = { _ in nil },
        advanced: () -> String? = { nil },
        _ test: (BrokerNode, TemporaryFolder) async throws -> Void
    ) async throws {
        try await withTemporaryFolder { folder in
            let lines = try await configuration(folder)
            try await PrivateBroker.run { broker in
                let node = BrokerNode(broker: broker)
                if let lines { try await node.configure(lines, advanced: advanced()) }
                try await test(node, folder)
            }
        }
    }

    /// Kills the node with SIGKILL.
    func kill() async throws { try await broker.kill() }

    /// Starts the node again on the same ports with its present data.
    func restart() async throws { try await broker.restart() }

    /// Deletes the data of a killed node: users, exchanges, queues, messages.
    func wipe() throws {
        try FileManager.default.removeItem(atPath: broker.folder + "/data")
        try FileManager.default.createDirectory(atPath: broker.folder + "/data", withIntermediateDirectories: false)
    }

    /// Stops the process of the node with SIGSTOP while `body` runs. Its connections stay open.
    func whileFrozen(_ body: () async throws -> Void) async throws {
        try await broker.freeze()
        do {
            try await body()
        } catch {
            try await broker.thaw()
            throw error
        }
        try await broker.thaw()
    }

    /// Raises the memory alarm while `body` runs.
    func whileOutOfMemory<Value>(_ body: () async throws -> Value) async throws -> Value {
        try await broker.setAlarm(.memory, true)
        let value: Value
        do {
            value = try await body()
        } catch {
            try await broker.setAlarm(.memory, false)
            throw error
        }
        try await broker.setAlarm(.memory, false)
        return value
    }

    private func configure(_ lines: String, advanced: String?) async throws {
        try advanced?.write(toFile: broker.folder + "/advanced.config", atomically: true, encoding: .utf8)
        try lines.write(toFile: broker.folder + "/conf.d/10-test.conf", atomically: true, encoding: .utf8)
        try await restart()
    }
}
