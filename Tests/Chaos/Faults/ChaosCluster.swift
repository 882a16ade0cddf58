import Foundation
import TestSupport

/// Three RabbitMQ nodes, of `compose/lib/private-cluster`.
struct ChaosCluster: ChaosBroker {
    /// The addresses of the nodes.
    let urls: [String]
    private let managements: [BrokerManagement]
    private let folder: String

    let nodes = 3

    /// The script printed no addresses.
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// Runs a cluster during a test and stops it afterwards, also after an error.
    static func run<Result>(_ test: (ChaosCluster) async throws -> Result) async throws -> Result {
        try await withTemporaryFolder { folder in
            let cluster = try await start(in: folder.path("cluster"))
            let result: Result
            do {
                result = try await test(cluster)
            } catch {
                try await cluster.stop()
                throw error
            }
            try await cluster.stop()
            return result
        }
    }

    /// The virtual host `/`, at a node that responds.
    var vhost: TestVhost {
        get async throws {
            for (management, url) in zip(managements, urls) {
                guard (try? await management.request("GET", ["whoami"])) != nil else { continue }
                return TestVhost(name: "/", url: url, management: management)
            }
            throw Failure(description: "no node of the cluster responds")
        }
    }

    func kill(_ node: Int) async throws { try await script("kill-node", node) }
    func start(_ node: Int) async throws { try await script("restart-node", node) }
    func stop(_ node: Int) async throws { try await script("stop-node", node) }
    func freeze(_ node: Int) async throws { try await script("freeze-node", node) }
    func thaw(_ node: Int) async throws { try await script("thaw-node", node) }

    /// An alarm of one node blocks the publishers of all.
    func setAlarm(_ alarm: PrivateBroker.Alarm, _ isSet: Bool) async throws {
        try await script("control", 0, PrivateBroker.arguments(alarm, isSet))
    }

    private static func start(in folder: String) async throws -> ChaosCluster {
        let owner = String(ProcessInfo.processInfo.processIdentifier)
        let output = try await ChildProcess.run(path, ["start", folder, "--owner", owner]).text
        let lines = output.split(separator: "\n").map { $0.split(separator: "=", maxSplits: 1).map(String.init) }
        let values = Dictionary(lines.filter { $0.count == 2 }.map { ($0[0], $0[1]) }) { _, last in last }
        let urls = (values["HDM_CLUSTER_AMQP_URL"] ?? "").split(separator: ",").map(String.init)
        let managements = (1...3).compactMap { values["HDM_CLUSTER_MANAGEMENT_URL_\($0)"] }
        guard urls.count == 3, managements.count == 3 else {
            throw Failure(description: "compose/lib/private-cluster printed no addresses: \(output)")
        }
        return ChaosCluster(
            urls: urls, managements: managements.map { BrokerManagement(address: $0) }, folder: folder)
    }

    /// Stops the nodes, in a task of its own so that it also runs in a cancelled test.
    private func stop() async throws {
        _ = try await Task { try await ChildProcess.run(Self.path, ["stop", folder]) }.value
    }

    private func script(_ command: String, _ node: Int, _ arguments: [String] = []) async throws {
        _ = try await ChildProcess.run(Self.path, [command, folder, "\(node + 1)"] + arguments)
    }

    private static let path = PackageRoot.path("compose/lib/private-cluster")
}
