public import Contracts

/// The budget of a provider allows no request in time. The job waits and uses no attempt.
public struct BudgetExhausted: Error, Sendable, Equatable, CustomStringConvertible {
    /// The limit that was reached.
    public enum Reason: String, Sendable {
        /// The requests of the window are used up.
        case window
        /// The last request started a moment ago.
        case gap
        /// The largest number of requests is in flight.
        case concurrency
        /// The provider does not accept requests, or the ledger was lost.
        case blocked
        /// `hdm topology upgrade` moves the ledger.
        case upgrade
    }

    public let provider: String
    /// When to try again. Callers of one process get different times, so that they do not return at once. The time is no
    /// guarantee of a permit.
    public let until: Timestamp
    public let reason: Reason

    public init(provider: String, until: Timestamp, reason: Reason) {
        self.provider = provider
        self.until = until
        self.reason = reason
    }

    /// The reason for the event of a waiting job.
    public var wait: JobEvent.Wait {
        let reason: JobEvent.Wait.Reason =
            switch reason {
            case .window: .budgetSpent
            case .gap, .concurrency, .upgrade: .providerBusy
            case .blocked: .providerBlocked
            }
        return JobEvent.Wait(reason, provider: provider)
    }

    /// A sentence for the status of a job.
    public var description: String {
        switch reason {
        case .window: "the budget of \(provider) is spent until \(until)"
        case .gap: "the last request to \(provider) was a moment ago; the next is at \(until)"
        case .concurrency: "\(provider) has as many requests in flight as allowed; the next is at \(until)"
        case .blocked: "\(provider) does not accept requests until \(until)"
        case .upgrade: "requests to \(provider) wait for the end of `hdm topology upgrade`; the next is at \(until)"
        }
    }
}
