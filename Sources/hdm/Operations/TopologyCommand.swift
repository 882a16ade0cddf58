import ArgumentParser
import Contracts
import Foundation
import ServiceKit

struct TopologyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "topology", abstract: "Shows, compares, upgrades or exports the exchanges, queues and bindings.",
        subcommands: [Print.self, Check.self, Upgrade.self, Export.self])

    struct Print: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Prints the topology as a table.")

        func run() async throws {
            let topology = Topology(try ServiceSettings(try await Settings.load(), for: .gateway).queueType)
            StandardOutput.write(TopologyText(topology).table)
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
