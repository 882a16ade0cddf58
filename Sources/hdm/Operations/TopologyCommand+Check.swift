import AMQP
import ArgumentParser
import Contracts
import Foundation
import Logging
import ServiceKit

extension TopologyCommand {
    struct Check: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Compares the broker with the topology and changes nothing.",
            discussion:
                "Exits with 0 if they agree, 78 if something differs or is missing, 69 if the broker does not respond. "
                + "Queues that HDM does not use are listed and are no difference; with HDM_MANAGEMENT_URL all that are "
                + "named hdm.*, otherwise those of earlier versions.")

        func run() async throws {
            let raw = try await Settings.load()
            let settings = try ServiceSettings(raw, for: .gateway)
            let topology = Topology(settings.queueType)
            let overview = try settings.brokers.first.flatMap { try BrokerOverview(raw, $0) }
            let (differences, strangers) = try await TopologyCommand.withConnection(settings, "hdm topology check") {
                (try await Self.differences($0, topology), try await Self.strangers($0, topology, overview))
            }
            for line in differences + strangers { StandardOutput.write(line) }
            guard differences.isEmpty else { throw ExitCode(ExitStatus.configuration) }
            StandardOutput.write("the broker has the topology of HDM")
        }

        private static func differences(_ connection: AMQPConnection, _ topology: Topology) async throws -> [String] {
            var found: [String] = []
            for declaration in topology.declarations {
                switch try await connection.compare(declaration) {
                case .asDeclared: break
                case .missing: found.append("missing: \(declaration.label); every service declares it at its start")
                case .different(let text):
                    found.append("different: \(declaration.label): \(text); run `hdm topology upgrade`")
                }
            }
            return found
        }

        private static func strangers(
            _ connection: AMQPConnection, _ topology: Topology, _ overview: BrokerOverview?
        ) async throws -> [String] {
            let known = Set(topology.queues.map(\.name))
            let others = QueueType.allCases.flatMap { Topology($0).queues.map(\.name) }
            var names = Set(try await connection.status(of: QueueName.obsolete + others).keys)
            if let overview { names.formUnion(try await overview.queues().filter { $0.hasPrefix("hdm.") }) }
            // Declared when they are used.
            let usual = ["hdm.reply.", "hdm.budget."]
            return names.subtracting(known).filter { name in !usual.contains { name.hasPrefix($0) } }.sorted().map {
                "stranger: queue \($0) is not used; `hdm topology upgrade` deletes those of earlier versions if they are empty"
            }
        }
    }

    /// Runs a body with a connection to the broker and closes it afterwards.
    static func withConnection<Value: Sendable>(
        _ settings: ServiceSettings, _ name: String, _ body: (AMQPConnection) async throws -> Value
    ) async throws -> Value {
        var configuration = ConnectionConfiguration(addresses: settings.brokers, name: name)
        configuration.tls = settings.tls
        let connection = AMQPConnection(configuration, logger: Logger(label: "hdm") { _ in SwiftLogNoOpLogHandler() })
        let result = await Result {
            try await connection.waitUntilOpen(timeout: .seconds(10))
            return try await body(connection)
        }
        await connection.close()
        return try result.get()
    }
}
