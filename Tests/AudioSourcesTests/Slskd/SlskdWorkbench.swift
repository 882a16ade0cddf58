import AudioSources
import Contracts
import Foundation
import Logging
import Synchronization
import TestSupport

extension FakeSlskdFixture {
    /// A client of the stand-in while `body` works with it.
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

    /// A source that searches at the stand-in while `body` works with it.
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
    /// The paths that a question brings.
    func paths(
        _ text: String, _ variant: QueryVariant = .full, limit: Int = 1000,
        within budget: any SearchBudget = UnlimitedSearches()
    ) async throws -> [String] {
        let wanted = Track(artist: "Band", title: "Song")
        let request = SearchRequest(SearchQuery(variant, text), for: wanted, limit: limit)
        return try await search(request, within: budget).map(\.path)
    }
}

/// A budget that counts, and notes for how long its permits were held.
final class CountingBudget: SearchBudget {
    private let state = Mutex((permits: 0, longest: Duration.zero))

    var permits: Int { state.withLock { $0.permits } }
    var longest: Duration { state.withLock { $0.longest } }

    func withPermit<Value: Sendable>(
        _ request: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        let began = ContinuousClock.now
        defer {
            state.withLock {
                $0.permits += 1
                $0.longest = max($0.longest, began.duration(to: .now))
            }
        }
        return try await request()
    }
}

/// A budget that is spent.
struct SpentBudget: SearchBudget {
    struct Spent: Error {}

    func withPermit<Value: Sendable>(
        _ request: @escaping @Sendable () async throws -> Value
    ) async throws -> Value { throw Spent() }
}
