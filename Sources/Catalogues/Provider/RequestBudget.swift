public import Contracts

/// The requests that all processes together may make to a provider.
public protocol RequestBudget: Sendable {
    /// Makes a request under a permit, and may wait for one. The request must end within a minute.
    /// - Throws: ``CatalogueError/paused(until:because:)`` when the wait would be too long; what `request` throws.
    func withPermit<Value: Sendable>(_ request: @escaping @Sendable () async throws -> Value) async throws -> Value

    /// Records for all processes that the provider accepts no requests before a time.
    func block(until: Timestamp, because reason: String) async throws
}

/// The budget of a provider without limits.
public struct UnlimitedRequests: RequestBudget {
    public init() {}

    public func withPermit<Value: Sendable>(
        _ request: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        try await request()
    }

    public func block(until: Timestamp, because reason: String) async throws {}
}
