public import Contracts
import Foundation
public import Logging

/// Searches the files of the peers in the Soulseek network, through slskd.
///
/// A process that uses it also calls ``removeLeftovers(now:)`` at its start and repeatedly.
public final class SlskdSource: SearchSource {
    public static let sourceName = "slskd"

    let client: SlskdClient
    let limits: SlskdSearchLimits
    let logger: Logger
    private let cache: SlskdSearchCache
    private let check: SlskdReadiness

    public var name: String { Self.sourceName }

    /// All variants, because a peer's file is found only when its path has all words of the query.
    public var variants: Set<QueryVariant> { Set(QueryVariant.allCases) }

    public init(_ settings: SlskdSettings, client: SlskdClient, logger: Logger) {
        self.client = client
        self.logger = logger
        limits = settings.search
        cache = SlskdSearchCache(lifetime: settings.search.reuse)
        check = SlskdReadiness(client: client, downloads: nil, logger: logger)
    }

    /// Ready when slskd responds, accepts the key and is logged in. A search does not need the downloads folder.
    public func readiness() async -> SourceReadiness { await check.run() }

    /// Searches the peers, or returns a recent result for the same words.
    ///
    /// A search takes about ten seconds, until the peers stop responding. A permit is held only while the search is
    /// started. No search remains at slskd.
    public func search(_ request: SearchRequest, within budget: any SearchBudget) async throws -> [OfferedFile] {
        try await reply(to: request, within: budget).offers
    }

    public func reply(to request: SearchRequest, within budget: any SearchBudget) async throws -> SearchReply {
        let text = request.query.text
        guard Self.isSearchable(text) else { return SearchReply(offers: []) }
        do {
            let offers = try await cache.offers(for: text, isFresh: request.isFresh) { [self] in
                try await search(text, within: budget)
            }
            return SearchReply(offers: OfferSelection(request.wanted).likeliest(request.limit, of: offers))
        } catch is Silence {
            return SearchReply(offers: [], wasSilent: true)
        } catch let error as SlskdError {
            throw SourceError(error)
        }
    }

    /// The search ended without any response of a peer.
    private struct Silence: Error {}

    private func search(_ text: String, within budget: any SearchBudget) async throws -> [OfferedFile] {
        let run = SlskdRun(text, client: client, limits: limits, logger: logger)
        do {
            let responses = try await run.responses(within: budget)
            guard !responses.isEmpty else { throw Silence() }
            return responses.flatMap { $0.offers(source: Self.sourceName) }
        } catch let error as SlskdError where error.meaning == .invalid {
            // slskd rejects these words each time, so the search has no result.
            logger.warning("slskd rejects the words of a search", metadata: ["error": "\(error)"])
            return []
        }
    }

    /// slskd ignores words of one character and excludes words after a hyphen.
    private static func isSearchable(_ text: String) -> Bool {
        text.split(separator: " ").contains { $0.count > 1 && !$0.hasPrefix("-") }
    }

    /// Deletes expired searches of HDM at slskd: those of killed processes, and those whose deletion failed. Searches of
    /// other clients are not changed.
    /// - Returns: The number of deleted searches.
    /// - Throws: ``SlskdError``.
    @discardableResult
    public func removeLeftovers(now: Timestamp = .now) async throws -> Int {
        let left = try await client.searches().filter { SlskdSearchID($0.id).map { $0.until < now } ?? false }
        for search in left {
            if search.ending == nil { try await client.stopSearch(search.id) }
            try await client.deleteSearch(search.id)
        }
        return left.count
    }
}

extension SourceError {
    /// Creates the error of a source from an error of slskd.
    public init(_ error: SlskdError) {
        switch error.meaning {
        case .unauthorised, .forbidden: self.init(.unauthorised, error.message)
        case .busy, .notLoggedIn, .unavailable, .notFound, .unexpected: self.init(.unavailable, error.message)
        case .peerOffline, .peerUnreachable: self.init(.peerAway, error.message)
        case .peerFailed, .invalid: self.init(.refused, error.message)
        case .timedOut: self.init(.timedOut, error.message)
        }
    }
}
