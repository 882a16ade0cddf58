public import Contracts

/// A source that can be asked for recordings.
///
/// Every function may be called at any time, for any number of jobs at once.
public protocol SearchSource: AudioSource {
    /// The kinds of questions that it has different answers for. One with an index of its own needs the track only.
    var variants: Set<QueryVariant> { get }

    /// Offers files that may be the wanted recording, the likeliest first: rather too many than too few, since the
    /// caller judges them. No offer is an answer, not an error.
    ///
    /// - Parameters:
    ///   - request: Its rung is one of ``variants``.
    ///   - budget: Asked once for each request that the source's provider limits, and for nothing longer: a permit is
    ///     for the request, not for the time that its answer takes.
    /// - Throws: ``SourceError`` when the source could not answer, and what `budget` throws, unchanged.
    func search(_ request: SearchRequest, within budget: any SearchBudget) async throws -> [OfferedFile]

    /// The same as ``search(_:within:)``, with what may be concluded from no offer.
    func reply(to request: SearchRequest, within budget: any SearchBudget) async throws -> SearchReply
}

extension SearchSource {
    public func reply(to request: SearchRequest, within budget: any SearchBudget) async throws -> SearchReply {
        SearchReply(offers: try await search(request, within: budget))
    }
}

/// What a source answers.
public struct SearchReply: Sendable {
    public var offers: [OfferedFile]
    /// Nobody said anything: those who have it may have been too slow, so that a second question is no waste.
    public var wasSilent: Bool

    public init(offers: [OfferedFile], wasSilent: Bool = false) {
        self.offers = offers
        self.wasSilent = wasSilent
    }

    /// The source was heard, and has nothing.
    public var isMiss: Bool { offers.isEmpty && !wasSilent }
}

/// What a source is asked.
public struct SearchRequest: Sendable {
    public var query: SearchQuery
    public var wanted: Track
    /// The most files that are wanted.
    public var limit: Int
    /// An answer that was given to somebody else a moment ago will not do.
    public var isFresh: Bool

    public init(_ query: SearchQuery, for wanted: Track, limit: Int, isFresh: Bool = false) {
        self.query = query
        self.wanted = wanted
        self.limit = limit
        self.isFresh = isFresh
    }
}

/// How often a source may ask its provider.
public protocol SearchBudget: Sendable {
    /// Makes one request when it may be made, and waits for that as long as the owner of the budget bears.
    /// - Throws: what `request` throws, and an error of the owner's when it may not be made in time.
    func withPermit<Value: Sendable>(
        _ request: @escaping @Sendable () async throws -> Value
    ) async throws -> Value
}

/// As often as one likes.
public struct UnlimitedSearches: SearchBudget {
    public init() {}

    public func withPermit<Value: Sendable>(
        _ request: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        try await request()
    }
}
