import Contracts
import Foundation
import Hummingbird
import ServiceKit

/// `/api/v1/settings/secrets`: sets secrets and lists their states. No response contains a secret.
struct SecretsController: Sendable {
    let secrets: SecretStore
    /// Far more than all secrets need.
    private static let maxBodyBytes = 16 << 10

    var endpoints: RouteCollection<BasicRequestContext> {
        let routes = RouteCollection(context: BasicRequestContext.self)
        routes.get { _, _ in try await list() }
        routes.patch { request, _ in try await change(request) }
        routes.post("rotate") { request, _ in
            do {
                return JSONResponse(try await secrets.rotate(by: Self.clientName(of: request)))
            } catch let error as SecretKeyError {
                throw APIError(error)
            }
        }
        return routes
    }

    private func list() async throws -> JSONResponse<SecretList> {
        JSONResponse(SecretList(items: try await secrets.states()))
    }

    private func change(_ request: Request) async throws -> JSONResponse<SecretList> {
        let body = try await request.bytes(upTo: Self.maxBodyBytes)
        do {
            try await secrets.change(try Self.secrets(in: body), by: Self.clientName(of: request))
        } catch let violation as ContractViolation {
            throw APIError(violation)
        } catch let error as SecretKeyError {
            throw APIError(error)
        }
        return try await list()
    }

    /// Returns the client that the gateway names in `X-HDM-Actor`, for the log.
    private static func clientName(of request: Request) -> String {
        String((request.header("X-HDM-Actor") ?? "unknown").unicodeScalars.filter { $0.value > 0x20 }.prefix(64))
    }

    /// Reads `{name: value or null}`.
    private static func secrets(in body: Data) throws(ContractViolation) -> [SecretName: String?] {
        guard case .object(let members) = try ContractCoding.decode(JSONValue.self, from: body) else {
            throw ContractViolation(path: "", problem: "must be an object of names and values")
        }
        var secrets: [SecretName: String?] = [:]
        for (key, value) in members {
            guard let name = SecretName(rawValue: key) else {
                let known = SecretName.allCases.map(\.rawValue).joined(separator: ", ")
                throw ContractViolation(path: "", problem: "has an unknown name; known are \(known)")
            }
            secrets[name] = .some(try Self.value(value, name))
        }
        return secrets
    }

    private static func value(_ value: JSONValue, _ name: SecretName) throws(ContractViolation) -> String? {
        if case .null = value { return nil }
        guard let text = value.stringValue else {
            throw ContractViolation(path: "/\(name.rawValue)", problem: "must be a string, or null to remove it")
        }
        if let problem = name.problem(with: text) {
            throw ContractViolation(path: "/\(name.rawValue)", problem: problem)
        }
        return text
    }
}

/// The response with the states of all secrets.
struct SecretList: Encodable, Sendable {
    var items: [SecretState]
}

extension APIError {
    fileprivate init(_ error: SecretKeyError) { self.init(.dependencyError, "the secrets' key \(error)") }
}
