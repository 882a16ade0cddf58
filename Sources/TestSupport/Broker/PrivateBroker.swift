import Contracts
import Foundation

/// A RabbitMQ that belongs to one test, for tests that kill or restart it. Takes about six seconds to start.
///
/// It stops by itself when the test process is gone.
public struct PrivateBroker: Sendable {
    /// The address of its virtual host `/`; ports stay the same over restarts.
    public let url: String
    public let management: BrokerManagement
    private let folder: String

    /// The virtual host `/`, to look into and to act on.
    public var vhost: TestVhost { TestVhost(name: "/", url: url, management: management) }

    /// Runs a test with a broker of its own, which is stopped afterwards in any case.
    public static func run<Result>(_ test: (PrivateBroker) async throws -> Result) async throws -> Result {
        try await withTemporaryFolder { folder in
            let broker = try await start(in: folder.path("broker"))
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

    /// Makes what was declared so far survive a ``kill()``.
    ///
    /// RabbitMQ answers a declaration before the record of its commit is on disk, which may take two seconds; killed
    /// before, it forgets the queue and the messages in it. The next declaration writes all earlier ones.
    public func settle() async throws {
        let scratch = ["queues", "/", "hdm-settle"]
        try await management.request("PUT", scratch, body: ["durable": true])
        try await management.request("DELETE", scratch)
    }

    /// SIGKILL: connections break, nothing is written any more. A test that relies on its queues calls ``settle()``
    /// when it has declared them.
    public func kill() async throws { try await Self.script("kill", folder) }

    /// Starts the node again on the same data, after ``kill()`` or, with a clean stop first, while it runs. Returns when
    /// it answers.
    public func restart() async throws { try await Self.script("restart", folder) }

    private static func start(in folder: String) async throws -> PrivateBroker {
        let owner = String(ProcessInfo.processInfo.processIdentifier)
        let output = try await script("start", folder, "--owner", owner)
        let lines = output.split(separator: "\n").map { $0.split(separator: "=", maxSplits: 1) }
        let values = Dictionary(lines.filter { $0.count == 2 }.map { (String($0[0]), String($0[1])) }) { _, last in last
        }
        guard let url = values[TestBroker.amqpKey], let management = values[TestBroker.managementKey] else {
            throw TestBroker.Missing(description: "private-broker printed no addresses: \(output)")
        }
        return PrivateBroker(url: url, management: BrokerManagement(address: management), folder: folder)
    }

    /// In a task of its own, so that it happens when the test was cancelled, too.
    private func stop() async throws {
        try await Task { [folder] in _ = try await Self.script("stop", folder) }.value
    }

    @discardableResult
    private static func script(_ arguments: String...) async throws -> String {
        try await ChildProcess.run(PackageRoot.path("compose/lib/private-broker"), arguments).text
    }
}
