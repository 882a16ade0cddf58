import AudioSources
import Contracts
import ServiceKit
import Synchronization

/// A source and the budget of its provider.
struct SearchedSource: Sendable {
    let source: any SearchSource
    /// `nil` when requests to the provider are not limited.
    let budget: ProviderBudget?

    var name: String { source.name }
    var isLimited: Bool { budget != nil }

    /// Searches the source within its budget.
    /// - Parameters:
    ///   - patience: How long each request may wait for the budget.
    ///   - sent: Called when a request is sent.
    func search(
        _ request: SearchRequest, patience: Duration, sent: @escaping @Sendable (Timestamp) -> Void
    ) async throws -> SearchReply {
        try await source.reply(to: request, within: TimedBudget(budget: budget, patience: patience, sent: sent))
    }
}

/// A budget with a limited wait that reports when each request is sent.
private struct TimedBudget: SearchBudget {
    let budget: ProviderBudget?
    let patience: Duration
    let sent: @Sendable (Timestamp) -> Void

    func withPermit<Value: Sendable>(
        _ request: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        let timed = { @Sendable in
            sent(.now)
            return try await request()
        }
        guard let budget else { return try await timed() }
        return try await budget.withPermit(patience: patience, timed)
    }
}
