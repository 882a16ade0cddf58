import ArgumentParser
import Contracts
import Foundation
import HTTPClient
import ServiceKit

/// Asks a service of this machine how it is: the health check of a container, which has no other HTTP client.
struct HealthCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "health", abstract: "Asks a service on this machine whether it lives, or whether it is ready.",
        discussion: "Finds the port in the settings, as the service does. Exits with 0 when all is well, 69 otherwise. "
            + "A service that lives and is not ready tells why with --ready; to restart it would not help.")

    @Argument(help: "The service.", transform: HealthCommand.service(named:))
    var service = ServiceName.gateway

    @Flag(help: "Ask whether it is ready, and print its checks.")
    var ready = false

    func run() async throws {
        let settings = try ServiceSettings(try await Settings.load(), for: service)
        let url = "http://\(ListenPolicy.urlHost(settings.httpHost)):\(settings.httpPort)/\(ready ? "ready" : "live")"
        let answer = try await ask(url)
        if ready { StandardOutput.write(String(decoding: answer.body, as: UTF8.self)) }
        guard answer.isSuccess else {
            throw CommandFailure(status: ExitStatus.unavailable, "\(url) answers with HTTP status \(answer.status)")
        }
    }

    @Sendable private static func service(named name: String) throws -> ServiceName {
        guard let service = ServiceName(rawValue: name) else {
            let names = ServiceName.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("there is no service '\(name)'; there are \(names)")
        }
        return service
    }

    private func ask(_ url: String) async throws -> HTTPResponse {
        let client = HTTPClient(userAgent: "hdm-health")
        let answer = await Result { try await client.send(HTTPRequest(.get, url, timeout: .seconds(5))) }
        await client.close()
        do {
            return try answer.get()
        } catch {
            throw CommandFailure(status: ExitStatus.unavailable, "\(service.rawValue) does not answer: \(error)")
        }
    }
}
