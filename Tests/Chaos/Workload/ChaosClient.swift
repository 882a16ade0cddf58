import Contracts
import Foundation
import TestSupport

/// A client that repeats its requests until there is a response, as clients of an unreliable service must.
struct ChaosClient: Sendable {
    let stack: ServiceStack
    let journal: ChaosJournal
    /// Requests are given up after this time.
    let deadline: ContinuousClock.Instant

    /// Returns a client with a later deadline.
    func with(deadline: ContinuousClock.Instant) -> ChaosClient {
        ChaosClient(stack: stack, journal: journal, deadline: deadline)
    }

    /// There was no response until the deadline.
    struct GaveUp: Error {}

    /// Submits a track. Each repetition has the same key and the same body.
    func submit(_ track: Track, key: String) async throws -> SubmissionResponse {
        let body = try ContractCoding.encode(Submission(items: [SubmissionItem(track: track)]), sorted: true)
        let response = try await repeating("submit \(key)") { response in
            response.status == 202
        } _: {
            try await stack.request(
                .post, "/api/v1/downloads", body: body, headers: ["Idempotency-Key": key], timeout: Self.timeout)
        }
        return try ContractCoding.decode(SubmissionResponse.self, from: response.body)
    }

    /// Sends a request until its status is one of `statuses`.
    @discardableResult
    func send(
        _ method: HTTPMethodName = .get, _ path: String, body: JSONValue? = nil, until statuses: Set<Int>
    ) async throws -> (status: Int, body: JSONValue) {
        let data = try body.map { try ContractCoding.encode($0) }
        let response = try await repeating("\(method) \(path)") {
            statuses.contains($0.status)
        } _: {
            try await stack.request(method, path, body: data, timeout: Self.timeout)
        }
        let value = response.body.isEmpty ? nil : try? ContractCoding.decode(JSONValue.self, from: response.body)
        return (response.status, value ?? .null)
    }

    /// Sends a request once.
    /// - Returns: `nil` without a response or with a status other than 200.
    func look(_ path: String) async -> JSONValue? {
        guard let response = try? await stack.request(.get, path, timeout: Self.timeout), response.status == 200 else {
            return nil
        }
        return try? ContractCoding.decode(JSONValue.self, from: response.body)
    }

    private func repeating(
        _ what: String, _ isDone: ((status: Int, body: Data)) -> Bool,
        _ send: () async throws -> (status: Int, body: Data)
    ) async throws -> (status: Int, body: Data) {
        var problem = ""
        while ContinuousClock.now < deadline {
            do {
                let response = try await send()
                if isDone(response) { return response }
                problem = "HTTP \(response.status): \(String(decoding: response.body.prefix(300), as: UTF8.self))"
            } catch is CancellationError {
                throw GaveUp()
            } catch {
                problem = "\(error)"
            }
            try? await Task.sleep(for: .milliseconds(300))
        }
        journal.record("gave-up", "\(what): \(problem)")
        throw GaveUp()
    }

    private static let timeout = Duration.seconds(5)
}
