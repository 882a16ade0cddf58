import Contracts
import Foundation

/// A RabbitMQ that belongs to one test, for tests that kill or restart it. Its start takes about six seconds.
///
/// It stops automatically after the end of the test process. The environment variable `HDM_RABBITMQ_SERVER` is the path
/// of another `rabbitmq-server`, for example of RabbitMQ 4; by default the one of the system runs.
public struct PrivateBroker: Sendable {
    /// The address of the virtual host `/`. Ports stay the same after a restart.
    public let url: String
    public let management: BrokerManagement
    /// The folder of configuration, data and logs.
    public let folder: String

    /// The virtual host `/`.
    public var vhost: TestVhost { TestVhost(name: "/", url: url, management: management) }

    /// Runs a broker during a test and stops it afterwards, also after an error.
    ///
    /// - Parameter settings: Lines of `rabbitmq.conf`, such as `consumer_timeout = 60000`.
    public static func run<Result>(
        settings: [String] = [], _ test: (PrivateBroker) async throws -> Result
    ) async throws -> Result {
        try await withTemporaryFolder { folder in
            let broker = try await start(in: folder.path("broker"), settings)
            let result: Result
            do {
                result = try await test(broker)
            } catch {
                try await broker.stop()
                throw error
            }
            try await broker.stop()
            return result
        }
    }

    /// Makes earlier declarations durable, so that they survive a ``kill()``.
    ///
    /// RabbitMQ confirms a declaration up to two seconds before its commit record is on disk. A kill in between loses
    /// the queue and its messages. The next declaration writes all earlier ones.
    public func flushDeclarations() async throws {
        let scratch = ["queues", "/", "hdm-flush"]
        try await management.request("PUT", scratch, body: ["durable": true])
        try await management.request("DELETE", scratch)
    }

    /// Kills the node with SIGKILL. Call ``flushDeclarations()`` before if the test needs its queues afterwards.
    public func kill() async throws { try await script("kill") }

    /// Starts the node again with the same data, after ``kill()`` or, with a clean stop first, while it runs. Waits
    /// until it responds.
    public func restart() async throws { try await script("restart") }

    /// Stops the node with SIGSTOP. Its connections stay open, and nothing answers.
    public func freeze() async throws { try await script("freeze") }

    /// Continues the node after ``freeze()``.
    public func thaw() async throws { try await script("thaw") }

    /// A resource alarm, during which the broker accepts no messages.
    public enum Alarm: String, Sendable, CaseIterable { case memory, disk }

    /// Sets or clears a resource alarm. A restart of the node clears it as well.
    public func setAlarm(_ alarm: Alarm, _ isSet: Bool) async throws {
        _ = try await Self.script(["control", folder] + Self.arguments(alarm, isSet))
    }

    /// The arguments of `rabbitmqctl` that set or clear an alarm of a node. The limits of the disk are in bytes.
    public static func arguments(_ alarm: Alarm, _ isSet: Bool) -> [String] {
        switch alarm {
        case .memory: ["set_vm_memory_high_watermark", isSet ? "0.00001" : "0.6"]
        case .disk: ["set_disk_free_limit", isSet ? "900000000000000" : "1000000"]
        }
    }

    private static func start(in folder: String, _ settings: [String]) async throws -> PrivateBroker {
        let owner = String(ProcessInfo.processInfo.processIdentifier)
        let options = ["--owner", owner] + settings.flatMap { ["--setting", $0] }
        let output = try await script(["start", folder] + options)
        let lines = output.split(separator: "\n").map { $0.split(separator: "=", maxSplits: 1) }
        let values = Dictionary(lines.filter { $0.count == 2 }.map { (String($0[0]), String($0[1])) }) { _, last in last
        }
        guard let url = values[TestBroker.amqpKey], let management = values[TestBroker.managementKey] else {
            throw TestBroker.Missing(description: "compose/lib/private-broker printed no addresses: \(output)")
        }
        return PrivateBroker(url: url, management: BrokerManagement(address: management), folder: folder)
    }

    /// Stops the node, in a task of its own so that it also runs in a cancelled test.
    private func stop() async throws {
        try await Task { try await script("stop") }.value
    }

    private func script(_ command: String) async throws { _ = try await Self.script([command, folder]) }

    private static func script(_ arguments: [String]) async throws -> String {
        try await ChildProcess.run(PackageRoot.path("compose/lib/private-broker"), arguments).text
    }
}
