import ArgumentParser
import Contracts
import ServiceKit

struct AllCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "all", abstract: "Runs the seven services in one process, for a small machine.",
        discussion: "The gateway listens on APP_PORT. The others listen on 9101 and up, or on HDM_HTTP_PORT and up. "
            + "With 0, each service gets a free port.")

    func run() async throws {
        let settings = try await Settings.load()
        let ports = try ServicePorts(ServiceName.allCases, settings)
        let shared = ports.adding(to: settings)
        var runtimes: [(ServiceRuntime, ServiceHost.Build)] = []
        for service in ServiceName.allCases {
            runtimes.append((try ServiceRuntime(service, shared, port: ports[service]), ServiceCatalog.build(service)))
        }
        try await ServiceHost(runtimes, endsProcess: true).run()
        withExtendedLifetime(ports) {}
    }
}
