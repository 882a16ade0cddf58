import ArgumentParser
import Contracts
import Foundation
import HTTPClient
import ServiceKit

/// The options of commands that send requests to the gateway.
struct GatewayOptions: ParsableArguments {
    @Option(help: "The gateway's address; by default HDM_URL, else http://127.0.0.1:8080.")
    var url: String?

    @Option(help: "An API key; by default HDM_API_KEY.")
    var key: String?

    /// Sends a request and returns the response's body.
    /// - Throws: ``CommandFailure`` with the gateway's error; `HTTPClientError` when it does not respond.
    func request(
        _ method: HTTPMethod, _ path: String, body: Data? = nil, contentType: String = "application/json"
    ) async throws -> JSONValue {
        let environment = ProcessInfo.processInfo.environment
        let base = url ?? environment["HDM_URL"] ?? "http://127.0.0.1:8080"
        var headers: HTTPHeaders = ["Content-Type": contentType]
        if let key = key ?? environment["HDM_API_KEY"] { headers["X-API-Key"] = key }
        let client = HTTPClient(userAgent: "hdm")
        let response = await Result {
            try await client.send(HTTPRequest(method, base + path, headers: headers, body: body))
        }
        await client.close()
        return try Self.body(of: try response.get())
    }

    private static func body(of response: HTTPResponse) throws -> JSONValue {
        let value = response.body.isEmpty ? .null : try ContractCoding.decode(JSONValue.self, from: response.body)
        guard response.isSuccess else {
            let message = value["error"]?["message"]?.stringValue ?? "HTTP status \(response.status)"
            throw CommandFailure(status: ExitStatus.unavailable, "the gateway refused: \(message)")
        }
        return value
    }
}

/// Prints a JSON value in a form that people and programs can read.
func printJSON(_ value: JSONValue) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    StandardOutput.write(String(decoding: try encoder.encode(value), as: UTF8.self))
}

extension String {
    /// The text as one part of a path or as a value of a query.
    var escapedForPath: String { addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? "" }
}
