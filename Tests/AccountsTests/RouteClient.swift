import Contracts
import Fakes
import Foundation
import HTTPTypes
import HummingbirdTesting
import NIOCore
import ServiceKit
import Testing

/// Sends requests to routes and decodes JSON responses.
struct RouteClient: Sendable {
    let client: any TestClientProtocol
    /// The service key of each request; `nil` for none.
    var serviceKey: String? = SecretsFixture.serviceKey

    struct Response: Sendable {
        let status: Int
        let text: String
        let json: JSONValue
    }

    /// The same client without a service key.
    var withoutKey: RouteClient { RouteClient(client: client, serviceKey: nil) }

    func get(_ path: String) async throws -> Response { try await send("GET", path) }

    func post(_ path: String, _ body: String) async throws -> Response { try await send("POST", path, body) }

    func send(_ method: String, _ path: String, _ body: String? = nil) async throws -> Response {
        var headers = HTTPFields()
        headers[try #require(HTTPField.Name(ServiceKey.header))] = serviceKey
        let response = try await client.executeRequest(
            uri: path, method: try #require(.init(rawValue: method)), headers: headers,
            body: body.map { ByteBuffer(string: $0) })
        let text = String(buffer: response.body)
        return Response(
            status: response.status.code, text: text,
            json: try ContractCoding.decode(JSONValue.self, from: Data(text.utf8)))
    }
}

extension RouteClient {
    /// A page for a browser.
    struct Page: Sendable {
        let status: Int
        let headers: [String: String]
        let text: String
    }

    /// Opens an address as a browser does, without a key.
    func callback(_ address: String) async throws -> Page {
        let parts = try #require(URLComponents(string: address))
        let query = parts.percentEncodedQuery.map { "?" + $0 } ?? ""
        let response = try await client.executeRequest(
            uri: parts.path + query, method: .get, headers: [:], body: nil)
        return Page(
            status: response.status.code,
            headers: Dictionary(response.headers.map { ($0.name.rawName, $0.value) }) { $1 },
            text: String(buffer: response.body))
    }

    func paste(_ text: String) async throws -> Response {
        let body = try ContractCoding.encode(["redirect_url": text])
        return try await post("/api/v1/oauth/manual", String(decoding: body, as: UTF8.self))
    }

    func status(of state: String?) async throws -> String? {
        try await get("/api/v1/oauth/status/\(state ?? "")").json["status"]?.stringValue
    }
}

extension SecretsFixture {
    /// Returns the address to which the browser is redirected from the page of a started sign-in.
    func visit(_ start: JSONValue, _ consent: FakeSpotifyAccounts.Consent = .agree) throws -> String {
        try fake.visit(start["authorization_url"]?.stringValue ?? "", consent)
    }
}
