public import Contracts
import Foundation

#if canImport(FoundationNetworking)
import FoundationNetworking
#endif

/// A client of RabbitMQ's management HTTP API, for checks from outside and for operations of an operator.
public struct BrokerManagement: Sendable {
    /// The address of the API without `/api`, such as `http://127.0.0.1:15672`.
    public let address: String
    public let user: String
    public let password: String

    /// A response with a status other than 2xx.
    public struct Failure: Error, CustomStringConvertible {
        public let method: String
        public let path: String
        public let status: Int
        public let reason: String

        public var description: String { "RabbitMQ responded to \(method) \(path) with \(status): \(reason)" }
    }

    public init(address: String, user: String = "guest", password: String = "guest") {
        self.address = address
        self.user = user
        self.password = password
    }

    /// Sends a request to `/api/<path>`.
    ///
    /// - Parameter path: The segments of the path, not escaped.
    /// - Returns: The body of the response; `null` if it is empty.
    /// - Throws: ``Failure`` for a status other than 2xx, `URLError` without a response within 30 s.
    @discardableResult
    public func request(
        _ method: String, _ path: [String], query: String? = nil, body: JSONValue? = nil
    ) async throws -> JSONValue {
        let text = "/api/" + path.map(Self.escaped).joined(separator: "/") + (query.map { "?\($0)" } ?? "")
        guard let url = URL(string: address + text) else { throw URLError(.badURL) }
        var request = URLRequest(url: url, timeoutInterval: 30)
        request.httpMethod = method
        request.setValue(
            "Basic " + Data("\(user):\(password)".utf8).base64EncodedString(), forHTTPHeaderField: "Authorization")
        if let body {
            request.setValue("application/json", forHTTPHeaderField: "Content-Type")
            request.httpBody = try ContractCoding.encode(body)
        }
        let (data, response) = try await URLSession.shared.data(for: request)
        let status = (response as? HTTPURLResponse)?.statusCode ?? 0
        guard (200..<300).contains(status) else {
            let reason = String(decoding: data.prefix(500), as: UTF8.self)
            throw Failure(method: method, path: text, status: status, reason: reason)
        }
        return data.isEmpty ? .null : try ContractCoding.decode(JSONValue.self, from: data)
    }

    /// Sends a request like ``request(_:_:query:body:)``, but returns `nil` for the status 404.
    @discardableResult
    public func requestIfPresent(_ method: String, _ path: [String]) async throws -> JSONValue? {
        do {
            return try await request(method, path)
        } catch let failure as Failure where failure.status == 404 {
            return nil
        }
    }

    /// Returns a path segment with every character percent-encoded except the unreserved ones of RFC 3986.
    static func escaped(_ segment: String) -> String {
        segment.addingPercentEncoding(withAllowedCharacters: unreserved) ?? segment
    }

    private static let unreserved = CharacterSet(
        charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
}
