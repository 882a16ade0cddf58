public import Contracts
public import Foundation
import HTTPClient

extension ServiceStack {
    /// The address of a service, without a path.
    public nonisolated func address(of service: ServiceName) -> String { "http://127.0.0.1:\(ports[service] ?? 0)" }

    /// Sends a request to a service.
    ///
    /// - Parameter timeout: The limit of the whole request.
    public func request(
        _ method: HTTPMethodName = .get, _ path: String, at service: ServiceName = .gateway, body: Data? = nil,
        headers: [String: String] = [:], timeout: Duration = .seconds(30)
    ) async throws -> (status: Int, body: Data) {
        let verb: HTTPMethod =
            switch method {
            case .get: .get
            case .post: .post
            case .delete: .delete
            }
        var request = HTTPRequest(verb, address(of: service) + path, body: body, timeout: timeout)
        for (name, value) in headers { request.headers[name] = value }
        request.headers["Content-Type"] = "application/json"
        if service != .gateway { request.headers["X-HDM-Service-Key"] = serviceKey }
        let response = try await client.send(request)
        return (response.status, response.body)
    }

    /// The key that the services share; `nil` before the first service has started.
    public nonisolated var serviceKey: String? {
        let text = try? String(contentsOf: folder.file("state/service.key"), encoding: .utf8)
        return text?.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// Returns the status of a response; `nil` if the service does not respond.
    public func status(of path: String, at service: ServiceName = .gateway) async throws -> Int? {
        do {
            return try await request(.get, path, at: service).status
        } catch let error as HTTPClientError where error.isRetriable {
            return nil
        }
    }

    /// Submits tracks over HTTP.
    public func submit(_ submission: Submission) async throws -> SubmissionResponse {
        let response = try await request(.post, "/api/v1/downloads", body: try ContractCoding.encode(submission))
        guard response.status == 202 else {
            throw UnexpectedResponse(status: response.status, text: String(decoding: response.body, as: UTF8.self))
        }
        return try ContractCoding.decode(SubmissionResponse.self, from: response.body)
    }

    /// Returns a job from the gateway.
    public func job(_ job: JobID) async throws -> JSONValue {
        try ContractCoding.decode(JSONValue.self, from: try await request(.get, "/api/v1/downloads/\(job)").body)
    }

    /// Waits until every job of a submission has ended.
    /// - Returns: The final states, in the order of the items.
    public func waitForEnd(of response: SubmissionResponse, timeout: Duration = .seconds(60)) async throws -> [String] {
        var states: [String] = []
        for item in response.items {
            do {
                states.append(try await eventually("job has ended", timeout: timeout) { try await end(of: item.jobID) })
            } catch let error as NotInTime {
                throw NotInTime(description: "\(error): \(try await job(item.jobID))")
            }
        }
        return states
    }

    private func end(of id: JobID) async throws -> String? {
        let job = try await self.job(id)
        let state = (job["data"] ?? job)["state"]?.stringValue.flatMap(JobState.init(rawValue:))
        return state.flatMap { $0.isFinal ? $0.rawValue : nil }
    }
}

/// The request methods of tests.
public enum HTTPMethodName: Sendable { case get, post, delete }

/// A response with an unexpected status.
public struct UnexpectedResponse: Error, CustomStringConvertible {
    public let status: Int
    public let text: String

    public var description: String { "HTTP \(status): \(text)" }
}
