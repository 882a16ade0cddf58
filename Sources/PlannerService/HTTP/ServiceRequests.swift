import Contracts
import Foundation
import HTTPClient
import ServiceKit

/// Sends requests to another service of the installation, with the service key.
struct ServiceRequests: Sendable {
    let client: HTTPClient
    let service: ServiceName
    /// The address of the service, without a slash at the end.
    let url: String
    /// The setting that holds the address, for errors.
    let setting: String
    let key: ServiceKey

    /// Sends a request and decodes the response.
    /// - Parameters:
    ///   - maxBytes: The limit of the response, in bytes; `nil` for the limit of every request.
    ///   - timeout: The time limit of the request; `nil` for the limit of every request.
    /// - Throws: ``ServiceRequestError``.
    func get<Value: Decodable>(
        _ path: String, maxBytes: Int? = nil, timeout: Duration? = nil, as type: Value.Type = Value.self
    ) async throws(ServiceRequestError)
        -> Value
    {
        var request = HTTPRequest(.get, url + path)
        request.maxBodyBytes = maxBytes ?? request.maxBodyBytes
        request.timeout = timeout ?? request.timeout
        let body = try await send(request)
        do throws(ContractViolation) {
            return try ContractCoding.decode(Value.self, from: body)
        } catch {
            throw failure("sent a response that cannot be read: \(error)")
        }
    }

    /// Sends a JSON document.
    /// - Throws: ``ServiceRequestError``.
    func post(_ path: String, _ document: (any Encodable & Sendable)? = nil) async throws(ServiceRequestError) {
        var request = HTTPRequest(.post, url + path)
        if let document {
            request.headers["Content-Type"] = "application/json"
            do {
                request.body = try ContractCoding.encode(document)
            } catch {
                throw failure("cannot be sent a document that is not representable as JSON")
            }
        }
        _ = try await send(request)
    }

    private func send(_ request: HTTPRequest) async throws(ServiceRequestError) -> Data {
        var request = request
        request.headers[ServiceKey.header] = key.value
        let response: HTTPResponse
        do throws(HTTPClientError) {
            response = try await client.send(request)
        } catch {
            throw failure("does not answer at \(url): \(error); start it or set \(setting)")
        }
        guard response.isSuccess else { throw failure("returned status \(response.status) at \(url)") }
        return response.body
    }

    private func failure(_ reason: String) -> ServiceRequestError {
        ServiceRequestError(service: service, reason: reason)
    }
}

/// Another service did not do what was requested. A retry may help.
struct ServiceRequestError: Error, Sendable, Equatable, CustomStringConvertible {
    let service: ServiceName
    /// The rest of a sentence that begins with the service.
    let reason: String

    var description: String { "the \(service.rawValue) service \(reason)" }

    /// The error's code in responses. A public contract.
    var code: String { service == .move ? "library_unavailable" : "\(service.rawValue)_unavailable" }
}
