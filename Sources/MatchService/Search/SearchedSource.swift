import AudioSources
import Contracts
import ServiceKit

/// A source and what its questions cost.
struct SearchedSource: Sendable {
    let source: any SearchSource
    /// `nil` when it may be asked as often as one likes.
    let budget: ProviderBudget?

    var name: String { source.name }
    var isLimited: Bool { budget != nil }

    /// Asks the source within its budget.
    /// - Parameter patience: how long each request may wait for the budget.
    func search(_ request: SearchRequest, patience: Duration) async throws -> SearchReply {
        guard let budget else { return try await source.reply(to: request, within: UnlimitedSearches()) }
        return try await source.reply(
            to: request, within: PatientBudget(budget: budget, patience: patience))
    }
}

/// A budget, and how long to wait for it.
private struct PatientBudget: SearchBudget {
    let budget: ProviderBudget
    let patience: Duration

    func withPermit<Value: Sendable>(
        _ request: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        try await budget.withPermit(patience: patience, request)
    }
}
