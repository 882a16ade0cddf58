import Contracts
import HTTPClient
import Hummingbird
import Logging
import ServiceKit
import ServiceLifecycle
import TestSupport
import Testing

struct ServicePortsTests {
    private let services: [ServiceName] = [.gateway, .match, .download, .recovery]
    private let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    private func ports(_ environment: [String: String]) throws -> [Int?] {
        let ports = try ServicePorts(services, Settings(environment: environment))
        return services.map { ports[$0] }
    }

    @Test func `Services of one process have their default ports, or count up from the port that is set`() throws {
        #expect(try ports([:]) == [8080, 9101, 9102, 9105])
        #expect(try ports(["APP_PORT": "80", "HDM_HTTP_PORT": "7000"]) == [80, 7000, 7001, 7004])
        let failure = #expect(throws: SettingsError.self) { try ports(["HDM_HTTP_PORT": "65534"]) }
        #expect(failure?.name == "HDM_HTTP_PORT")
        #expect(failure?.problem.contains("no port for recovery") == true)
    }

    @Test func `Port 0 gives each service a free port of its own`() throws {
        let chosen = try ports(["APP_PORT": "0", "HDM_HTTP_PORT": "0"]).compactMap(\.self)
        #expect(Set(chosen).count == services.count)
        #expect(chosen.allSatisfy { $0 >= 1024 })
    }

    @Test func `Services find each other by these ports unless a URL is set`() throws {
        let environment = ["HDM_HTTP_PORT": "7000", "HDM_DOWNLOAD_URL": "http://other:1"]
        let settings = Settings(environment: environment)
        let shared = try ServicePorts(services, settings).adding(to: settings)
        #expect(shared.text("HDM_GATEWAY_URL") == "http://127.0.0.1:8080")
        #expect(shared.text("HDM_DOWNLOAD_URL") == "http://other:1")
        #expect(shared.text("HDM_RECOVERY_URL") == "http://127.0.0.1:7004")
        #expect(shared.text("HDM_MOVE_URL") == nil)
    }

    @Test func `Services listen on the ports that were reserved for them`() async throws {
        let settings = Settings(environment: ["HDM_HTTP_PORT": "0", "HDM_AMQP_URL": "amqp://127.0.0.1:1/"])
        let ports = try ServicePorts([.match, .download, .tag], settings)
        let runtimes = try [ServiceName.match, .download, .tag].map {
            try ServiceRuntime($0, settings, port: ports[$0], logger: logger)
        }
        let group = ServiceGroup(services: runtimes.map { ServiceHTTP($0) }, logger: logger)
        let running = Task { try await group.run() }
        let client = HTTPClient(userAgent: "test")
        let result = await Result {
            for runtime in runtimes {
                let url = "http://127.0.0.1:\(runtime.settings.httpPort)/ready"
                let response = try await eventually("\(runtime.name) listens") {
                    try? await client.send(.init(.get, url))
                }
                let report = try ContractCoding.decode(ReadinessReport.self, from: response.body)
                #expect(report.service == runtime.name)
            }
        }
        await group.triggerGracefulShutdown()
        try await running.value
        await client.close()
        for runtime in runtimes {
            for connection in [runtime.publishing, runtime.consuming] { await connection.close() }
        }
        withExtendedLifetime(ports) {}
        try result.get()
    }
}
