import ArgumentParser
import Contracts
import Foundation
import HTTPClient
import ServiceKit

/// Queries the health of a service on this machine. Containers use it, as the image has no other HTTP client.
struct HealthCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "health", abstract: "Checks whether a service on this machine is alive or ready.",
        discussion:
            "Reads the port from the settings. Exits with 0 if the service is alive, or ready with --ready, and with "
            + "69 otherwise. A service that is alive but not ready reports the failed checks; a restart does not help.")

    @Argument(help: "The service.", transform: HealthCommand.service(named:))
    var service = ServiceName.gateway

    @Flag(help: "Check whether the service is ready, and print its checks.")
    var ready = false

    func run() async throws {
        let settings = try ServiceSettings(try await Settings.load(), for: service)
        let url = "http://\(ListenPolicy.urlHost(settings.httpHost)):\(settings.httpPort)/\(ready ? "ready" : "live")"
        let response = try await request(url)
        if ready { StandardOutput.write(String(decoding: response.body, as: UTF8.self)) }
        guard response.isSuccess else {
            throw CommandFailure(status: ExitStatus.unavailable, "\(url) responds with HTTP status \(response.status)")
        }
    }

    @Sendable private static func service(named name: String) throws -> ServiceName {
        guard let service = ServiceName(rawValue: name) else {
            let names = ServiceName.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("there is no service '\(name)'; there are \(names)")
        }
        return service
    }

    private func request(_ url: String) async throws -> HTTPResponse {
        let client = HTTPClient(userAgent: "hdm-health")
        let response = await Result { try await client.send(HTTPRequest(.get, url, timeout: .seconds(5))) }
        await client.close()
        do {
            return try response.get()
        } catch {
            throw CommandFailure(status: ExitStatus.unavailable, "\(service.rawValue) does not respond: \(error)")
        }
    }
}
