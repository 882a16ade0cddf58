public import Foundation

/// The rules for retries of a request.
public struct HTTPRetryPolicy: Sendable, Equatable {
    /// The number of attempts, including the first one.
    public var maxAttempts: Int
    /// The delay before the second attempt. It doubles before each further one.
    public var baseDelay: Duration
    public var maxDelay: Duration
    /// The random share of a delay, 0 to 1, so that many clients do not retry at the same time.
    public var jitter: Double
    /// The statuses after which a request is repeated.
    public var statuses: Set<Int>
    /// The longest `Retry-After` to wait for. With a longer one there is no retry, and the caller gets the response.
    public var maxRetryAfter: Duration
    /// Whether POST and PATCH are also repeated. Only for requests whose repetition is safe.
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

    /// Returns the delay before the next attempt; `nil` if there is none.
    /// - Parameters:
    ///   - attempt: The number of the attempt that returned `result`, from 1.
    ///   - chance: A random number from 0 to 1 for the jitter.
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
            guard let requested = response.retryAfter(now: now) else { return backoff }
            return requested <= maxRetryAfter ? max(requested, backoff) : nil
        }
    }

    private func backoff(attempt: Int, chance: Double) -> Duration {
        let full = min(baseDelay * Double(1 << min(attempt - 1, 30)), maxDelay)
        return full * (1 - min(max(jitter, 0), 1) * min(max(chance, 0), 1))
    }
}
