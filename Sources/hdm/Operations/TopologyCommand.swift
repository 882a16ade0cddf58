import AMQP
import ArgumentParser
import Contracts
import Foundation
import Logging
import ServiceKit

struct TopologyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "topology", abstract: "Shows, compares or exports the exchanges, queues and bindings.",
        subcommands: [Print.self, Check.self, Export.self])

    struct Print: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Prints the topology as a table.")

        func run() async throws {
            let topology = Topology(try ServiceSettings(try await Settings.load(), for: .gateway).queueType)
            StandardOutput.write(TopologyText(topology).table)
        }
    }

    struct Check: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Compares the broker with the topology and changes nothing.",
            discussion:
                "Exits with 0 if they agree, 78 if something differs or is missing, 69 if the broker does not respond.")

        func run() async throws {
            let settings = try ServiceSettings(try await Settings.load(), for: .gateway)
            var configuration = ConnectionConfiguration(addresses: settings.brokers, name: "hdm topology check")
            configuration.tls = settings.tls
            let connection = AMQPConnection(
                configuration, logger: Logger(label: "hdm") { _ in SwiftLogNoOpLogHandler() })
            let differences = await Result {
                try await connection.waitUntilOpen(timeout: .seconds(10))
                return try await Self.differences(connection, Topology(settings.queueType))
            }
            await connection.close()
            let found = try differences.get()
            for difference in found { StandardOutput.write(difference) }
            guard found.isEmpty else { throw ExitCode(ExitStatus.configuration) }
            StandardOutput.write("the broker has the topology of HDM")
        }

        private static func differences(_ connection: AMQPConnection, _ topology: Topology) async throws -> [String] {
            var found: [String] = []
            for declaration in topology.declarations {
                switch try await connection.compare(declaration) {
                case .asDeclared: break
                case .missing: found.append("missing: \(declaration.label); every service declares it at its start")
                case .different(let text): found.append("different: \(declaration.label): \(text)")
                }
            }
            return found
        }
    }

    struct Export: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Prints the topology as RabbitMQ definitions (JSON), for load_definitions or an import.")

        @Option(help: "The vhost that the definitions are for.")
        var vhost = "/"

        func run() async throws {
            let topology = Topology(try ServiceSettings(try await Settings.load(), for: .gateway).queueType)
            StandardOutput.write(try TopologyText(topology).definitions(vhost: vhost))
        }
    }
}
