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
        let pid = try await eventually("the management API has the process id") { () -> Int32? in
            let nodes = try await vhost.management.request("GET", ["nodes"])
            guard case .array(let list) = nodes else { return nil }
            return list.first?["os_pid"]?.stringValue.flatMap { Int32($0) }
        }
        guard Glibc.kill(pid, SIGSTOP) == 0 else { throw Failure(description: "cannot stop process \(pid)") }
        defer { _ = Glibc.kill(pid, SIGCONT) }
        try await body()
    }

    /// Raises the memory alarm while `body` runs.
    func whileOutOfMemory<Value>(_ body: () async throws -> Value) async throws -> Value {
        try await setMemoryLimit("0.000001")
        let value: Value
        do {
            value = try await body()
        } catch {
            try await setMemoryLimit("0.4")
            throw error
        }
        try await setMemoryLimit("0.4")
        return value
    }

    struct Failure: Error, CustomStringConvertible { let description: String }

    private func setMemoryLimit(_ share: String) async throws {
        let text = try String(contentsOfFile: broker.folder + "/ports", encoding: .utf8)
        let lines = text.split(separator: "\n").map { $0.split(separator: "=", maxSplits: 1) }
        let ports = Dictionary(lines.filter { $0.count == 2 }.map { ($0[0], $0[1]) }) { _, last in last }
        guard let port = ports["AMQP_PORT"], let epmd = ports["EPMD_PORT"] else {
            throw Failure(description: "\(broker.folder)/ports has no AMQP_PORT or EPMD_PORT")
        }
        _ = try await ChildProcess.run(
            "/usr/bin/env",
            [
                "-i", "PATH=/usr/local/bin:/usr/bin:/bin", "LC_ALL=C.UTF-8", "HOME=\(broker.folder)/home",
                "ERL_EPMD_PORT=\(epmd)", "RABBITMQ_CONF_ENV_FILE=\(broker.folder)/rabbitmq-env.conf",
                Self.controlProgram, "-q", "-n", "hdm-\(port)@localhost", "set_vm_memory_high_watermark", share,
            ])
    }

    /// The `rabbitmqctl` of the server that runs the private brokers.
    private static var controlProgram: String {
        let server =
            ProcessInfo.processInfo.environment["HDM_RABBITMQ_SERVER"] ?? "/usr/lib/rabbitmq/bin/rabbitmq-server"
        return URL(filePath: server).deletingLastPathComponent().appending(path: "rabbitmqctl").path
    }

    private func configure(_ lines: String, advanced: String?) async throws {
        try advanced?.write(toFile: broker.folder + "/advanced.config", atomically: true, encoding: .utf8)
        try lines.write(toFile: broker.folder + "/conf.d/10-test.conf", atomically: true, encoding: .utf8)
        try await restart()
    }
}
