public import Foundation

/// When to send a request again, and how long to wait before.
public struct HTTPRetryPolicy: Sendable, Equatable {
    /// With the first one; 1 is no retry.
    public var maxAttempts: Int
    /// Before the second attempt; doubled before each further one.
    public var baseDelay: Duration
    public var maxDelay: Duration
    /// The share of a delay that is left to chance, 0 … 1, so that clients do not come back in step.
    public var jitter: Double
    public var statuses: Set<Int>
    /// The longest `Retry-After` to wait for. A server that asks for more gets no further attempt: its answer is
    /// handed to the caller, who can come back in time.
    public var maxRetryAfter: Duration
    /// Retries POST and PATCH as well: only for requests that may safely be done twice.
    public var includesUnsafeMethods: Bool

    public static let defaultStatuses: Set<Int> = Set([408, 425, 429]).union(500...599)

    public static let none = HTTPRetryPolicy(maxAttempts: 1)

    public init(
        maxAttempts: Int = 3, baseDelay: Duration = .milliseconds(500), maxDelay: Duration = .seconds(30),
        jitter: Double = 0.2, statuses: Set<Int> = defaultStatuses, maxRetryAfter: Duration = .seconds(60),
        includesUnsafeMethods: Bool = false
    ) {
        self.maxAttempts = maxAttempts
        self.baseDelay = baseDelay
        self.maxDelay = maxDelay
        self.jitter = jitter
        self.statuses = statuses
        self.maxRetryAfter = maxRetryAfter
        self.includesUnsafeMethods = includesUnsafeMethods
    }

    /// How long to wait before the next attempt; `nil` when there is none.
    ///
    /// `attempt` counts from 1; `chance`, 0 … 1, picks the place within the jitter.
    public func delay(
        after result: Result<HTTPResponse, HTTPClientError>, method: HTTPMethod, attempt: Int, chance: Double,
        now: Date = Date()
    ) -> Duration? {
        guard attempt < maxAttempts, method.isIdempotent || includesUnsafeMethods else { return nil }
        let backoff = backoff(attempt: attempt, chance: chance)
        switch result {
        case .failure(let error): return error.isRetriable ? backoff : nil
        case .success(let response):
            guard statuses.contains(response.status) else { return nil }
            guard let asked = response.retryAfter(now: now) else { return backoff }
            return asked <= maxRetryAfter ? max(asked, backoff) : nil
        }
    }

    private func backoff(attempt: Int, chance: Double) -> Duration {
        let full = min(baseDelay * Double(1 << min(attempt - 1, 30)), maxDelay)
        return full * (1 - min(max(jitter, 0), 1) * min(max(chance, 0), 1))
    }
}
