import Contracts
import Foundation
import HTTPClient
import Synchronization

/// Makes the requests to one provider: within the shared budget, again after failures, and not at all while it is known
/// to be down or has asked to be left alone.
final class ProviderConnection: Sendable {
    /// In sentences.
    private let provider: String
    private let limits: ProviderLimits
    /// Statuses by which the provider says "too many requests".
    private let refusals: Set<Int>
    private let http: HTTPClient
    private let circuit: HTTPCircuit
    private let budget: any RequestBudget
    private let now: @Sendable () -> Timestamp
    /// The pause that could not be noted for all processes; this one keeps it alone.
    private let ownPause = Mutex<Pause?>(nil)

    private struct Pause {
        let until: Timestamp
        let reason: String
    }

    init(
        _ provider: String, _ limits: ProviderLimits, refusals: Set<Int>, userAgent: String,
        budget: any RequestBudget, now: @escaping @Sendable () -> Timestamp
    ) {
        self.provider = provider
        self.limits = limits
        self.refusals = refusals
        self.budget = budget
        self.now = now
        http = HTTPClient(userAgent: userAgent, maxConcurrentTransfers: limits.concurrency)
        circuit = HTTPCircuit(failures: limits.circuitFailures, pause: limits.circuitPause)
    }

    func close() async { await http.close() }

    /// What the provider answers; failures of its own only after the last attempt.
    /// - Throws: ``CatalogueError``, `CancellationError`.
    func get(_ url: String, headers: HTTPHeaders) async throws -> HTTPResponse {
        var headers = headers
        headers["Accept"] = "application/json"
        let request = HTTPRequest(
            .get, url, headers: headers, timeout: limits.timeout, connectTimeout: min(limits.timeout, .seconds(5)),
            maxBodyBytes: Self.mostBytes)
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

    private static let mostBytes = 4 << 20

    private var policy: HTTPRetryPolicy {
        HTTPRetryPolicy(
            maxAttempts: limits.retries + 1, baseDelay: limits.retryBase, jitter: limits.jitter,
            statuses: [408, 425, 500, 502, 503, 504], maxRetryAfter: .seconds(5))
    }

    private func once(_ request: HTTPRequest) async throws -> Result<HTTPResponse, HTTPClientError> {
        if let pause = ownPause.withLock({ $0 }), pause.until > now() {
            throw CatalogueError.paused(until: pause.until, because: pause.reason)
        }
        try enterCircuit()
        let result = try await permitted(request)
        if result == .failure(.cancelled) { throw CancellationError() }
        return result
    }

    /// Inside the circuit; leaves it in any case.
    private func permitted(_ request: HTTPRequest) async throws -> Result<HTTPResponse, HTTPClientError> {
        do {
            let result = try await budget.withPermit { [http] in await http.result(of: request) }
            circuit.leave(outcome(of: result))
            return result
        } catch {
            circuit.leave(.unknown)
            throw error
        }
    }

    private func value(_ result: Result<HTTPResponse, HTTPClientError>) throws(CatalogueError) -> HTTPResponse {
        switch result {
        case .success(let response): return response
        case .failure(let error): throw .unavailable("\(error)")
        }
    }

    // MARK: - Down, or busy

    private func enterCircuit() throws(CatalogueError) {
        do throws(HTTPCircuit.Open) {
            try circuit.enter()
        } catch {
            throw .unavailable(
                "\(provider) failed \(error.failures) times in a row and is left alone for a while: \(error.reason)")
        }
    }

    private func outcome(of result: Result<HTTPResponse, HTTPClientError>) -> HTTPCircuit.Outcome {
        switch result {
        case .success(let response):
            response.status >= 500 && !refusals.contains(response.status)
                ? .failed("status \(response.status)") : .answered
        case .failure(.cancelled): .unknown
        case .failure(let error): .failed("\(error)")
        }
    }

    /// Notes that the provider is not to be asked for a while, for all processes.
    private func pause(_ response: HTTPResponse) async -> CatalogueError {
        let asked = response.retryAfter(now: now().date)
        let length = asked ?? Self.usualPause * (1 + limits.jitter * Double.random(in: 0...1))
        let until = now() + max(length, .seconds(1))
        let reason = "\(provider) was asked too often (status \(response.status))"
        do {
            try await budget.block(until: until, because: reason)
        } catch {
            ownPause.withLock { $0 = Pause(until: until, reason: reason) }
        }
        return .paused(until: until, because: reason)
    }

    /// Where the provider does not say how long: the span in which Spotify counts.
    private static let usualPause = Duration.seconds(30)
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
