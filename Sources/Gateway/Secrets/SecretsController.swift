import Contracts
import Foundation
import Hummingbird
import Metadata
import ServiceKit

/// `/api/v1/settings/secrets`: setting secrets, and seeing which there are. No answer ever holds one.
struct SecretsController: Sendable {
    let secrets: SecretStore
    /// Far more than the known secrets need.
    private static let maxBodyBytes = 16 << 10

    var endpoints: RouteCollection<BasicRequestContext> {
        let routes = RouteCollection(context: BasicRequestContext.self)
        routes.get { request, context in try await list(request, context) }
        routes.patch { request, context in try await change(request, context) }
        routes.post("rotate") { request, _ in
            do {
                return JSONResponse(try await secrets.rotate(by: APIKeys.clientName(of: request)))
            } catch let error as SecretKeyError {
                throw APIError(error)
            }
        }
        return routes
    }

    private func list(
        _ request: Request, _ context: BasicRequestContext
    ) async throws -> JSONResponse<SecretList> {
        JSONResponse(SecretList(items: try await secrets.notes()))
    }

    private func change(
        _ request: Request, _ context: BasicRequestContext
    ) async throws -> JSONResponse<SecretList> {
        let body = try await request.bytes(upTo: Self.maxBodyBytes)
        do {
            try await secrets.change(try Self.secrets(in: body), by: APIKeys.clientName(of: request))
        } catch let violation as ContractViolation {
            throw APIError(violation)
        } catch let error as SecretKeyError {
            throw APIError(error)
        }
        return try await list(request, context)
    }

    /// Reads `{name: value or null}`.
    static func secrets(in body: Data) throws(ContractViolation) -> [SecretName: String?] {
        guard case .object(let members) = try ContractCoding.decode(JSONValue.self, from: body) else {
            throw ContractViolation(path: "", problem: "must be an object of names and values")
        }
        var secrets: [SecretName: String?] = [:]
        for (key, value) in members {
            guard let name = SecretName(rawValue: key) else {
                let known = SecretName.allCases.map(\.rawValue).joined(separator: ", ")
                throw ContractViolation(path: "", problem: "names a secret that is not known; there are \(known)")
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

/// The answer about all secrets.
struct SecretList: Encodable, Sendable {
    var items: [SecretNote]
}

extension APIError {
    /// What to do about keys that cannot be used.
    init(_ error: SecretKeyError) { self.init(.dependencyError, "the secrets' key \(error)") }
}
