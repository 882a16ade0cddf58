import ArgumentParser
import Contracts
import DownloadService
import Gateway
import MatchService
import MoveService
import PlannerService
import RecoveryService
import ServiceKit
import TagService

/// The services by name, each with the function that makes its parts: the only place that knows them all.
enum ServiceCatalog {
    static func build(_ service: ServiceName) -> ServiceHost.Build {
        switch service {
        case .gateway: Gateway.build
        case .match: Match.build
        case .download: Download.build
        case .tag: Tag.build
        case .move: Move.build
        case .recovery: Recovery.build
        case .planner: Planner.build
        }
    }

    /// Runs one service as this process.
    static func run(_ service: ServiceName) async throws {
        let runtime = try ServiceRuntime(service, try await Settings.load())
        try await ServiceHost([(runtime, build(service))]).run()
    }
}

struct GatewayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gateway", abstract: "Takes submissions over HTTP and AMQP and shows what became of them.")

    func run() async throws { try await ServiceCatalog.run(.gateway) }
}

struct MatchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "match", abstract: "Finds the files that are the wanted recordings.",
        discussion: "Without a subcommand it runs the service.", subcommands: [MatchEvaluateCommand.self])

    func run() async throws { try await ServiceCatalog.run(.match) }
}

struct DownloadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "download", abstract: "Brings matched files into the downloads folder.")

    func run() async throws { try await ServiceCatalog.run(.download) }
}

struct TagCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tag", abstract: "Checks files and writes their tags, on a copy.")

    func run() async throws { try await ServiceCatalog.run(.tag) }
}

struct MoveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "move", abstract: "Moves tagged files into the library, never overwriting anything.")

    func run() async throws { try await ServiceCatalog.run(.move) }
}

struct RecoveryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "recovery", abstract: "Indexes dead letters and sends them back to work, or away.")

    func run() async throws { try await ServiceCatalog.run(.recovery) }
}

struct PlannerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "planner",
        abstract: "Turns links, watched artists and playlists, and gaps in the library into jobs.")

    func run() async throws { try await ServiceCatalog.run(.planner) }
}

struct AllCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "all", abstract: "Runs the seven services in one process, for a small box.",
        discussion: "The gateway listens on APP_PORT, the others on their own ports: 9101 and up, or HDM_HTTP_PORT "
            + "and up.")

    func run() async throws {
        let settings = try await Settings.load()
        let ports = try ServicePorts(ServiceName.allCases, settings)
        let shared = ports.adding(to: settings)
        var runtimes: [(ServiceRuntime, ServiceHost.Build)] = []
        for service in ServiceName.allCases {
            runtimes.append((try ServiceRuntime(service, shared, port: ports[service]), ServiceCatalog.build(service)))
        }
        try await ServiceHost(runtimes).run()
        withExtendedLifetime(ports) {}
    }
}
