import Contracts
import Foundation
import HTTPClient

extension ProviderConnection {
    /// Bytes of a body; a longer one is an error.
    private static let maximumBodySize = 4 << 20
    /// The pause after "too many requests" without `Retry-After`: Spotify counts in windows of this length.
    private static let defaultPause = Duration.seconds(30)

    /// Returns the response of the last attempt.
    /// - Throws: ``CatalogueError``, `CancellationError`.
    func send(_ url: String, _ headers: HTTPHeaders) async throws -> HTTPResponse {
        var headers = headers
        headers["Accept"] = "application/json"
        let request = HTTPRequest(
            .get, url, headers: headers, timeout: limits.timeout, connectTimeout: min(limits.timeout, .seconds(5)),
            maxBodyBytes: Self.maximumBodySize)
        var attempt = 1
        while true {
            let result = try await once(request)
            if case .success(let response) = result, refusals.contains(response.status) { throw await pause(response) }
            let delay = policy.delay(after: result, method: .get, attempt: attempt, chance: .random(in: 0...1))
            guard let delay else { return try value(result) }
            try await Task.sleep(for: delay)
            attempt += 1
        }
    }

    private var policy: HTTPRetryPolicy {
        HTTPRetryPolicy(
            maxAttempts: limits.retries + 1, baseDelay: limits.retryBase, jitter: limits.jitter,
            statuses: [408, 425, 500, 502, 503, 504], maxRetryAfter: .seconds(5))
    }

    private func once(_ request: HTTPRequest) async throws -> Result<HTTPResponse, HTTPClientError> {
        if let pause = localPause.withLock({ $0 }), pause.until > now() {
            throw CatalogueError.paused(until: pause.until, because: pause.reason)
        }
        try beginRequest()
        let result = try await permittedResult(of: request)
        if result == .failure(.cancelled) { throw CancellationError() }
        return result
    }

    /// Makes the request under a permit. Ends it for the circuit in any case.
    private func permittedResult(of request: HTTPRequest) async throws -> Result<HTTPResponse, HTTPClientError> {
        do {
            let result = try await budget.withPermit { [http] in await http.result(of: request) }
            circuit.end(outcome(of: result))
            return result
        } catch {
            circuit.end(.unknown)
            throw error
        }
    }

    private func value(_ result: Result<HTTPResponse, HTTPClientError>) throws(CatalogueError) -> HTTPResponse {
        switch result {
        case .success(let response): return response
        case .failure(let error): throw .unavailable("\(error)")
        }
    }
}

// MARK: - Failures and pauses

extension ProviderConnection {
    private func beginRequest() throws(CatalogueError) {
        do throws(HTTPCircuit.Open) {
            try circuit.begin()
        } catch {
            throw .unavailable(
                "\(provider) failed \(error.failures) times in a row and gets no requests for a while: \(error.reason)")
        }
    }

    private func outcome(of result: Result<HTTPResponse, HTTPClientError>) -> HTTPCircuit.Outcome {
        switch result {
        case .success(let response):
            response.status >= 500 && !refusals.contains(response.status)
                ? .failed("status \(response.status)") : .responded
        case .failure(.cancelled): .unknown
        case .failure(let error): .failed("\(error)")
        }
    }

    /// Records a pause for all processes, and returns the error for it.
    private func pause(_ response: HTTPResponse) async -> CatalogueError {
        let requested = response.retryAfter(now: now().date)
        let length = requested ?? Self.defaultPause * (1 + limits.jitter * Double.random(in: 0...1))
        let until = now() + max(length, .seconds(1))
        let reason = "\(provider) got too many requests (status \(response.status))"
        do {
            try await budget.block(until: until, because: reason)
        } catch {
            localPause.withLock { $0 = Pause(until: until, reason: reason) }
        }
        return .paused(until: until, because: reason)
    }
}

extension HTTPClient {
    fileprivate func result(of request: HTTPRequest) async -> Result<HTTPResponse, HTTPClientError> {
        do throws(HTTPClientError) {
            return .success(try await send(request))
        } catch {
            return .failure(error)
        }
    }
}
