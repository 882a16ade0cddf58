import Contracts
import Foundation
import HTTPClient
import Synchronization

/// Makes requests to one provider: within the shared budget, with retries, and with the response cache.
///
/// It makes no requests while the provider fails repeatedly, or has asked for a pause.
final class ProviderConnection: Sendable {
    /// The provider's name in sentences.
    private let provider: String
    private let limits: ProviderLimits
    /// The statuses that mean "too many requests".
    private let refusals: Set<Int>
    private let http: HTTPClient
    private let circuit: HTTPCircuit
    private let budget: any RequestBudget
    private let cache: ResponseCache?
    private let now: @Sendable () -> Timestamp
    /// A pause that could not be recorded for all processes. Only this process honours it.
    private let localPause = Mutex<Pause?>(nil)

    private struct Pause {
        let until: Timestamp
        let reason: String
    }

    /// Bytes of a body; a longer one is an error.
    private static let maximumBodySize = 4 << 20
    /// The pause after "too many requests" without `Retry-After`: Spotify counts in windows of this length.
    private static let defaultPause = Duration.seconds(30)

    init(
        _ provider: String, _ limits: ProviderLimits, refusals: Set<Int>, userAgent: String,
        budget: any RequestBudget, cache: ResponseCache?, now: @escaping @Sendable () -> Timestamp
    ) {
        self.provider = provider
        self.limits = limits
        self.refusals = refusals
        self.budget = budget
        self.cache = cache
        self.now = now
        http = HTTPClient(userAgent: userAgent, maxConcurrentTransfers: limits.concurrency)
        circuit = HTTPCircuit(failures: limits.circuitFailures, pause: limits.circuitPause)
    }

    func close() async { await http.close() }

    /// Returns the provider's response, which may come from the cache. A cached response has the status 200.
    ///
    /// A fresh cached response needs neither a request nor a permit. A conditional request takes a permit like any other:
    /// the providers count it, also when they respond with 304.
    /// - Throws: ``CatalogueError``, `CancellationError`.
    func get(_ url: String, headers: HTTPHeaders, _ rule: CacheRule) async throws -> HTTPResponse {
        let key = "\(rule.scope) \(url)"
        let stored = await cache?.entry(key)
        if let stored, !rule.isAlwaysValidated, stored.freshUntil > now() {
            return HTTPResponse(status: 200, body: stored.body)
        }
        var headers = headers
        headers["If-None-Match"] = stored?.etag
        let response = try await send(url, headers)
        return await cached(response, stored, key, rule)
    }

    private func cached(
        _ response: HTTPResponse, _ stored: ResponseCache.Entry?, _ key: String, _ rule: CacheRule
    ) async -> HTTPResponse {
        guard let cache else { return response }
        let control = CacheControl(response.headers)
        let freshUntil = now() + (control.maxAge ?? rule.defaultAge)
        if response.status == 304, let stored {
            await cache.confirm(key, freshUntil: freshUntil)
            return HTTPResponse(status: 200, headers: response.headers, body: stored.body)
        }
        guard response.isSuccess else { return response }
        let etag = response.headers["ETag"]
        let isUseful = !control.isForbidden && (etag != nil || freshUntil > now() && !rule.isAlwaysValidated)
        if isUseful {
            await cache.store(
                ResponseCache.Entry(etag: etag, body: response.body, freshUntil: freshUntil), for: key)
        } else if stored != nil {
            await cache.remove(key)
        }
        return response
    }
}

// MARK: - Requests

extension ProviderConnection {
    /// Returns the response of the last attempt.
    private func send(_ url: String, _ headers: HTTPHeaders) async throws -> HTTPResponse {
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
