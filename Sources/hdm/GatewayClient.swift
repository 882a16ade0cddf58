import ArgumentParser
import Contracts
import Foundation
import HTTPClient
import ServiceKit

/// Where the operator's commands find the gateway.
struct GatewayOptions: ParsableArguments {
    @Option(help: "The gateway's address; HDM_URL when absent.")
    var url: String?

    @Option(help: "An API key; HDM_API_KEY when absent.")
    var key: String?

    /// Asks the gateway.
    /// - Throws: ``CommandFailure`` with what the gateway said, or that it cannot be reached.
    func request(
        _ method: HTTPMethod, _ path: String, body: Data? = nil, contentType: String = "application/json"
    ) async throws -> JSONValue {
        let environment = ProcessInfo.processInfo.environment
        let base = url ?? environment["HDM_URL"] ?? "http://127.0.0.1:8080"
        var headers: HTTPHeaders = ["Content-Type": contentType]
        if let key = key ?? environment["HDM_API_KEY"] { headers["X-API-Key"] = key }
        let client = HTTPClient(userAgent: "hdm")
        let answer = await Result {
            try await client.send(HTTPRequest(method, base + path, headers: headers, body: body))
        }
        await client.close()
        return try Self.read(try answer.get())
    }

    private static func read(_ answer: HTTPResponse) throws -> JSONValue {
        let value = answer.body.isEmpty ? .null : try ContractCoding.decode(JSONValue.self, from: answer.body)
        guard answer.isSuccess else {
            let message = value["error"]?["message"]?.stringValue ?? "HTTP status \(answer.status)"
            throw CommandFailure(status: ExitStatus.unavailable, "the gateway refused: \(message)")
        }
        return value
    }
}

/// Prints a JSON value for people and programs alike.
func printJSON(_ value: JSONValue) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    StandardOutput.write(String(decoding: try encoder.encode(value), as: UTF8.self))
}
