import AudioSources
import Contracts
import Foundation
import Logging
import Synchronization
import TestSupport

extension FakeSlskdFixture {
    /// Runs `body` with a client of the fake.
    func withClient(
        key: String? = nil, adjust: (inout SlskdLimits) -> Void = { _ in }, _ body: (SlskdClient) async throws -> Void
    ) async throws {
        var limits = SlskdLimits()
        limits.retryBase = .milliseconds(20)
        limits.circuitFailures = 100
        adjust(&limits)
        let client = SlskdClient(base: fake.baseURL, key: key ?? fake.settings.apiKey, limits: limits)
        do {
            try await body(client)
        } catch {
            await client.close()
            throw error
        }
        await client.close()
    }

    /// Runs `body` with a source that searches at the fake.
    func withSource(
        adjust: (inout SlskdSearchLimits) -> Void = { _ in }, _ body: (SlskdSource) async throws -> Void
    ) async throws {
        try await withClient { client in
            var settings = SlskdSettings(baseURL: fake.baseURL, apiKey: fake.settings.apiKey)
            adjust(&settings.search)
            let logger = Logger(label: "slskd-test") { _ in SwiftLogNoOpLogHandler() }
            try await body(SlskdSource(settings, client: client, logger: logger))
        }
    }
}

extension SlskdSource {
    /// Returns the paths of the offers for a query.
    func paths(
        _ text: String, _ variant: QueryVariant = .full, limit: Int = 1000,
        within budget: any SearchBudget = UnlimitedSearches()
    ) async throws -> [String] {
        let wanted = Track(artist: "Band", title: "Song")
        let request = SearchRequest(SearchQuery(variant, text), for: wanted, limit: limit)
        return try await search(request, within: budget).map(\.path)
    }
}

/// A budget that counts its permits and records when the last one was released.
final class CountingBudget: SearchBudget {
    private let state = Mutex<(permits: Int, lastRelease: ContinuousClock.Instant?)>((0, nil))

    var permits: Int { state.withLock { $0.permits } }
    var lastRelease: ContinuousClock.Instant? { state.withLock { $0.lastRelease } }

    func withPermit<Value: Sendable>(
        _ request: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        defer { state.withLock { $0 = ($0.permits + 1, .now) } }
        return try await request()
    }
}

/// An exhausted budget.
struct SpentBudget: SearchBudget {
    struct Spent: Error {}

    func withPermit<Value: Sendable>(
        _ request: @escaping @Sendable () async throws -> Value
    ) async throws -> Value { throw Spent() }
}
