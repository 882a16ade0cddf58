import Contracts
import Foundation
import TestSupport

#if canImport(FoundationNetworking)
import FoundationNetworking
#endif

/// An answer of the HTTP API, with the operation of `openapi.yaml` that it answers.
struct ContractResponse: Sendable {
    /// In lower case, as in the document.
    let method: String
    /// The path with its parameters unfilled.
    let path: String
    let service: ServiceName
    let status: Int
    /// Names in lower case.
    let headers: [String: String]
    let body: Data

    var operation: String { "\(method) \(path)" }

    var json: JSONValue? { try? ContractCoding.decode(JSONValue.self, from: body) }
}

/// A client of the HTTP API that keeps every answer it got.
actor ContractClient {
    private let stack: ServiceStack
    private let key: String
    private(set) var answers: [ContractResponse] = []

    init(_ stack: ServiceStack, key: String) {
        self.stack = stack
        self.key = key
    }

    /// Sends a request with the API key, unless `headers` has another, and keeps the answer.
    /// - Parameter fill: stands for the parameter of the path.
    @discardableResult
    func ask(
        _ method: String, _ path: String, _ fill: String = "", query: String = "", body: String? = nil,
        headers: [String: String] = [:], at service: ServiceName = .gateway
    ) async throws -> ContractResponse {
        let answer = try await look(method, path, fill, query: query, body: body, headers: headers, at: service)
        answers.append(answer)
        return answer
    }

    /// The same, keeping nothing: to wait for something.
    func look(
        _ method: String, _ path: String, _ fill: String = "", query: String = "", body: String? = nil,
        headers: [String: String] = [:], at service: ServiceName = .gateway
    ) async throws -> ContractResponse {
        let filled = path.replacing(/\{[a-z_]+\}/, with: fill)
        return try await send(
            request(method, stack.address(of: service) + filled + query, body, headers), path, service)
    }

    private func request(
        _ method: String, _ address: String, _ body: String?, _ headers: [String: String]
    ) throws
        -> URLRequest
    {
        guard let url = URL(string: address) else { throw URLError(.badURL) }
        var request = URLRequest(url: url, timeoutInterval: 30)
        request.httpMethod = method.uppercased()
        request.httpBody = body.map { Data($0.utf8) }
        if body != nil { request.setValue("application/json", forHTTPHeaderField: "Content-Type") }
        request.setValue(key, forHTTPHeaderField: "X-API-Key")
        for (name, value) in headers { request.setValue(value, forHTTPHeaderField: name) }
        return request
    }

    private func send(_ request: URLRequest, _ path: String, _ service: ServiceName) async throws -> ContractResponse {
        let (data, response) = try await URLSession.shared.data(for: request)
        guard let response = response as? HTTPURLResponse else { throw URLError(.badServerResponse) }
        let headers = response.allHeaderFields.map { ("\($0.key)".lowercased(), "\($0.value)") }
        return ContractResponse(
            method: request.httpMethod?.lowercased() ?? "", path: path, service: service, status: response.statusCode,
            headers: Dictionary(headers) { first, _ in first }, body: data)
    }
}
