public import Contracts

/// A source that recordings can be searched for in.
///
/// Every function can be called at any time, for any number of jobs at once.
public protocol SearchSource: AudioSource {
    /// The query variants for which the source has different results. A source with an index of its own needs only
    /// `full`. Search words that a person entered (`asked`) are sent to every source, whether listed here or not.
    var variants: Set<QueryVariant> { get }

    /// Offers files that may be the wanted recording, the most likely first.
    ///
    /// The caller judges the offers, so a source offers too many rather than too few. No offer is not an error.
    ///
    /// - Parameters:
    ///   - budget: Used once for each request that the provider limits. A permit covers sending the request, not the
    ///     time until the response.
    /// - Throws: ``SourceError`` when the source could not search, and errors of `budget`, unchanged.
    func search(_ request: SearchRequest, within budget: any SearchBudget) async throws -> [OfferedFile]

    /// Searches like ``search(_:within:)``, and also returns whether an empty result is conclusive.
    func reply(to request: SearchRequest, within budget: any SearchBudget) async throws -> SearchReply
}

extension SearchSource {
    public func reply(to request: SearchRequest, within budget: any SearchBudget) async throws -> SearchReply {
        SearchReply(offers: try await search(request, within: budget))
    }

    /// Whether the source is searched with a query of this variant.
    public func accepts(_ variant: QueryVariant) -> Bool { variant == .asked || variants.contains(variant) }
}

/// The result of a search.
public struct SearchReply: Sendable {
    public var offers: [OfferedFile]
    /// Nobody responded. Owners of the file may have been too slow, so the same query is worth repeating.
    public var wasSilent: Bool

    public init(offers: [OfferedFile], wasSilent: Bool = false) {
        self.offers = offers
        self.wasSilent = wasSilent
    }

    /// Whether the source responded and has nothing.
    public var isMiss: Bool { offers.isEmpty && !wasSilent }
}

/// A search for one recording.
public struct SearchRequest: Sendable {
    /// The query text and its variant; see ``SearchSource/accepts(_:)``.
    public var query: SearchQuery
    public var wanted: Track
    /// The largest number of offers.
    public var limit: Int
    /// Whether a recent result of another job must not be reused.
    public var isFresh: Bool

    public init(_ query: SearchQuery, for wanted: Track, limit: Int, isFresh: Bool = false) {
        self.query = query
        self.wanted = wanted
        self.limit = limit
        self.isFresh = isFresh
    }
}

/// Limits the requests of a source to its provider.
public protocol SearchBudget: Sendable {
    /// Waits until a request is allowed, then sends it. The owner of the budget limits the wait.
    /// - Throws: Errors of `request`, and the owner's error when the wait would be too long.
    func withPermit<Value: Sendable>(
        _ request: @escaping @Sendable () async throws -> Value
    ) async throws -> Value
}

/// A budget without a limit.
public struct UnlimitedSearches: SearchBudget {
    public init() {}

    public func withPermit<Value: Sendable>(
        _ request: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        try await request()
    }
}
