import AMQP
public import Contracts
public import ServiceKit

/// The budget of a catalogue that all processes share through the broker.
public struct SharedRequests: RequestBudget {
    let budget: ProviderBudget
    /// The longest wait for a permit.
    let patience: Duration

    public init(budget: ProviderBudget, patience: Duration) {
        self.budget = budget
        self.patience = patience
    }

    public func withPermit<Value: Sendable>(
        _ request: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        do {
            return try await budget.withPermit(patience: patience, request)
        } catch let error as BudgetExhausted {
            throw CatalogueError.paused(until: error.until, because: "\(error)")
        } catch let error as AMQPError {
            throw CatalogueError.unavailable(
                "cannot record the request in the budget of \(budget.provider): \(error.message)")
        }
    }

    public func block(until: Timestamp, because reason: String) async throws {
        try await budget.block(until: until, because: reason)
    }
}
