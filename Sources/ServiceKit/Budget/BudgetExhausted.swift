public import Contracts

/// A limited provider takes no request now, and not soon enough for who asked. The job waits; no attempt is spent.
public struct BudgetExhausted: Error, Sendable, Equatable, CustomStringConvertible {
    /// Which limit stands in the way.
    public enum Reason: String, Sendable {
        /// The uses of the window are spent.
        case window
        /// The last request began a moment ago.
        case gap
        /// As many requests are in flight as may be.
        case concurrency
        /// The provider said so itself, or what was used of it is not known any more.
        case blocked
    }

    public let provider: String
    /// When to ask again. Callers of one process are told different times, so that they do not all come at once; none is
    /// promised a place.
    public let until: Timestamp
    public let reason: Reason

    public init(provider: String, until: Timestamp, reason: Reason) {
        self.provider = provider
        self.until = until
        self.reason = reason
    }

    /// A sentence for the status of a job.
    public var description: String {
        switch reason {
        case .window: "the budget of \(provider) is spent; again at \(until)"
        case .gap: "\(provider) was asked a moment ago; again at \(until)"
        case .concurrency: "\(provider) is busy; again at \(until)"
        case .blocked: "\(provider) takes no requests until \(until)"
        }
    }
}
