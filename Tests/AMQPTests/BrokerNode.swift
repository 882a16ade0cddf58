import Contracts
import Foundation

@testable import TestSupport

/// A RabbitMQ of one's own that can be frozen, starved, emptied and given more configuration.
struct BrokerNode {
    let url: String
    let vhost: TestVhost
    private let folder: String

    /// Runs a test with a node, which is stopped afterwards in any case.
    /// - Parameter configuration: lines of `rabbitmq.conf` beside the usual ones, made when the folder is known.
    static func run(
        configuration: (TemporaryFolder) async throws -> String? = { _ in nil },
        _ test: (BrokerNode, TemporaryFolder) async throws -> Void
    ) async throws {
        try await withTemporaryFolder { folder in
            let node = try await start(in: folder.path("broker"))
            do {
                if let lines = try await configuration(folder) { try await node.configure(lines) }
                try await test(node, folder)
            } catch {
                try await node.stop()
                throw error
            }
            try await node.stop()
        }
    }

    /// SIGKILL.
    func kill() async throws { try await Self.script("kill", folder) }

    /// Starts it again on the same ports, with the data it has.
    func restart() async throws { try await Self.script("restart", folder) }

    /// Removes what a killed node knows: users, exchanges, queues, messages.
    func wipe() throws {
        try FileManager.default.removeItem(atPath: folder + "/data")
        try FileManager.default.createDirectory(atPath: folder + "/data", withIntermediateDirectories: false)
    }

    /// Freezes the node while `body` runs: its connections stay, it reads and says nothing.
    func whileFrozen(_ body: () async throws -> Void) async throws {
        let pid = try await eventually("the node tells its process id") { () -> Int32? in
            let nodes = try await vhost.management.request("GET", ["nodes"])
            guard case .array(let list) = nodes else { return nil }
            return list.first?["os_pid"]?.stringValue.flatMap { Int32($0) }
        }
        guard Glibc.kill(pid, SIGSTOP) == 0 else { throw Trouble(description: "process \(pid) cannot be stopped") }
        defer { _ = Glibc.kill(pid, SIGCONT) }
        try await body()
    }

    /// Raises the memory alarm while `body` runs.
    func whileOutOfMemory(_ body: () async throws -> Void) async throws {
        try await setMemoryLimit("0.000001")
        do {
            try await body()
        } catch {
            try await setMemoryLimit("0.4")
            throw error
        }
        try await setMemoryLimit("0.4")
    }

    struct Trouble: Error, CustomStringConvertible { let description: String }

    private func setMemoryLimit(_ share: String) async throws {
        let text = try String(contentsOfFile: folder + "/ports", encoding: .utf8)
        let lines = text.split(separator: "\n").map { $0.split(separator: "=", maxSplits: 1) }
        let ports = Dictionary(lines.filter { $0.count == 2 }.map { ($0[0], $0[1]) }) { _, last in last }
        guard let port = ports["AMQP_PORT"], let epmd = ports["EPMD_PORT"] else {
            throw Trouble(description: "no ports in \(folder)/ports")
        }
        _ = try await ChildProcess.run(
            "/usr/bin/env",
            [
                "-i", "PATH=/usr/local/bin:/usr/bin:/bin", "LC_ALL=C.UTF-8", "HOME=\(folder)/home",
                "ERL_EPMD_PORT=\(epmd)", "RABBITMQ_CONF_ENV_FILE=\(folder)/rabbitmq-env.conf",
                "/usr/lib/rabbitmq/bin/rabbitmqctl", "-q", "-n", "hdm-\(port)@localhost",
                "set_vm_memory_high_watermark", share,
            ])
    }

    private func configure(_ lines: String) async throws {
        try lines.write(toFile: folder + "/conf.d/10-test.conf", atomically: true, encoding: .utf8)
        try await restart()
    }

    private static func start(in folder: String) async throws -> BrokerNode {
        let owner = String(ProcessInfo.processInfo.processIdentifier)
        let output = try await script("start", folder, "--owner", owner)
        let lines = output.split(separator: "\n").map { $0.split(separator: "=", maxSplits: 1).map(String.init) }
        let values = Dictionary(lines.filter { $0.count == 2 }.map { ($0[0], $0[1]) }) { _, last in last }
        guard let url = values["HDM_TEST_AMQP_URL"], let management = values["HDM_TEST_MANAGEMENT_URL"] else {
            throw Trouble(description: "private-broker printed no addresses: \(output)")
        }
        let vhost = TestVhost(name: "/", url: url, management: BrokerManagement(address: management))
        return BrokerNode(url: url, vhost: vhost, folder: folder)
    }

    private func stop() async throws {
        try await Task { [folder] in _ = try await Self.script("stop", folder) }.value
    }

    @discardableResult
    private static func script(_ arguments: String...) async throws -> String {
        try await ChildProcess.run(PackageRoot.path("compose/lib/private-broker"), arguments).text
    }
}
