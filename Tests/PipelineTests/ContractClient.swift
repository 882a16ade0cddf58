import Contracts
import Foundation
import TestSupport

#if canImport(FoundationNetworking)
import FoundationNetworking
#endif

/// A response of the HTTP API, with its operation in `openapi.yaml`.
struct ContractResponse: Sendable {
    /// In lower case, as in `openapi.yaml`.
    let method: String
    /// The path as in `openapi.yaml`, with the names of its parameters.
    let path: String
    let service: ServiceName
    let status: Int
    /// By their names in lower case.
    let headers: [String: String]
    let body: Data

    var operation: String { "\(method) \(path)" }

    var json: JSONValue? { try? ContractCoding.decode(JSONValue.self, from: body) }
}

/// A client of the HTTP API that records the responses.
actor ContractClient {
    private let stack: ServiceStack
    private let key: String
    private(set) var responses: [ContractResponse] = []

    init(_ stack: ServiceStack, key: String) {
        self.stack = stack
        self.key = key
    }

    /// Sends a request and records the response.
    ///
    /// The request has the API key. It also has the service key if its route is one for services. `headers` replaces
    /// both.
    /// - Parameter value: The value of the parameter of the path.
    @discardableResult
    func send(
        _ method: String, _ path: String, _ value: String = "", query: String = "", body: String? = nil,
        headers: [String: String] = [:], at service: ServiceName = .gateway
    ) async throws -> ContractResponse {
        let response = try await poll(method, path, value, query: query, body: body, headers: headers, at: service)
        responses.append(response)
        return response
    }

    /// Sends a request like ``send(_:_:_:query:body:headers:at:)`` but does not record the response, for waits.
    func poll(
        _ method: String, _ path: String, _ value: String = "", query: String = "", body: String? = nil,
        headers: [String: String] = [:], at service: ServiceName = .gateway
    ) async throws -> ContractResponse {
        let filled = path.replacing(/\{[a-z_]+\}/, with: value)
        var request = try request(method, stack.address(of: service) + filled + query, body)
        request.setValue(key, forHTTPHeaderField: "X-API-Key")
        if service != .gateway || path.hasPrefix("/api/v1/internal") {
            request.setValue(stack.serviceKey, forHTTPHeaderField: "X-HDM-Service-Key")
        }
        for (name, value) in headers { request.setValue(value, forHTTPHeaderField: name) }
        return try await response(to: request, path, service)
    }

    private func request(_ method: String, _ address: String, _ body: String?) throws -> URLRequest {
        guard let url = URL(string: address) else { throw URLError(.badURL) }
        var request = URLRequest(url: url, timeoutInterval: 30)
        request.httpMethod = method.uppercased()
        request.httpBody = body.map { Data($0.utf8) }
        if body != nil { request.setValue("application/json", forHTTPHeaderField: "Content-Type") }
        return request
    }

    private func response(
        to request: URLRequest, _ path: String, _ service: ServiceName
    ) async throws -> ContractResponse {
        let (data, response) = try await URLSession.shared.data(for: request)
        guard let response = response as? HTTPURLResponse else { throw URLError(.badServerResponse) }
        let headers = response.allHeaderFields.map { ("\($0.key)".lowercased(), "\($0.value)") }
        return ContractResponse(
            method: request.httpMethod?.lowercased() ?? "", path: path, service: service, status: response.statusCode,
            headers: Dictionary(headers) { first, _ in first }, body: data)
    }
}
