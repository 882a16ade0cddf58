import Contracts
import Foundation
import HTTPClient
import Synchronization

/// Makes requests to one provider: within the shared budget, with retries, and with the response cache.
///
/// It makes no requests while the provider fails repeatedly, or has requested a pause.
final class ProviderConnection: Sendable {
    /// The provider's name in sentences.
    let provider: String
    let limits: ProviderLimits
    /// The statuses that mean "too many requests".
    let refusals: Set<Int>
    let http: HTTPClient
    let circuit: HTTPCircuit
    let budget: any RequestBudget
    private let cache: ResponseCache?
    let now: @Sendable () -> Timestamp
    /// A pause that could not be recorded for all processes. Only this process honours it.
    let localPause = Mutex<Pause?>(nil)

    struct Pause {
        let until: Timestamp
        let reason: String
    }

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
