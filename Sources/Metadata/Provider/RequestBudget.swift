public import Contracts

/// The requests that all processes together may make to a provider.
public protocol RequestBudget: Sendable {
    /// Makes a request when it may be made; may wait a while for that. The request ends within a minute.
    /// - Throws: ``CatalogueError/paused(until:because:)`` when that would take too long, and what `request` throws.
    func withPermit<Value: Sendable>(_ request: @escaping @Sendable () async throws -> Value) async throws -> Value

    /// Notes for all processes that the provider takes no requests before a time.
    func block(until: Timestamp, because reason: String) async throws
}

/// For a provider that may be asked as often as one likes.
public struct UnlimitedRequests: RequestBudget {
    public init() {}

    public func withPermit<Value: Sendable>(
        _ request: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        try await request()
    }

    public func block(until: Timestamp, because reason: String) async throws {}
}
