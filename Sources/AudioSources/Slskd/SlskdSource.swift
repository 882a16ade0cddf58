public import Contracts
import Foundation
public import Logging

/// Asks the peers of the Soulseek network, through slskd.
///
/// A process that uses it also calls ``removeLeftovers()`` at its start and from time to time.
public final class SlskdSource: SearchSource {
    public static let sourceName = "slskd"

    let client: SlskdClient
    let limits: SlskdSearchLimits
    let logger: Logger
    private let answers: SlskdSearchCache
    private let check: SlskdReadiness

    public var name: String { Self.sourceName }

    /// Every kind of question: peers' files are found by all of a question's words.
    public var variants: Set<QueryVariant> { Set(QueryVariant.allCases) }

    public init(_ settings: SlskdSettings, client: SlskdClient, logger: Logger) {
        self.client = client
        self.logger = logger
        limits = settings.search
        answers = SlskdSearchCache(lifetime: settings.search.reuse)
        check = SlskdReadiness(client: client, downloads: nil, logger: logger)
    }

    /// Ready when slskd answers, takes the key and is logged in. Where its downloads are does not matter to a search.
    public func readiness() async -> SourceReadiness { await check.run() }

    /// Asks the peers, or hands out the answer that somebody got for the same words a moment ago.
    ///
    /// Takes as long as peers go on answering, some ten seconds; a permit is held for a moment only. No search is left
    /// at slskd.
    public func search(_ request: SearchRequest, within budget: any SearchBudget) async throws -> [OfferedFile] {
        try await reply(to: request, within: budget).offers
    }

    public func reply(to request: SearchRequest, within budget: any SearchBudget) async throws -> SearchReply {
        let text = request.query.text
        guard Self.canBeAsked(text) else { return SearchReply(offers: []) }
        do {
            let offers = try await answers.offers(for: text, isFresh: request.isFresh) { [self] in
                try await ask(text, within: budget)
            }
            return SearchReply(offers: OfferSelection(request.wanted).likeliest(request.limit, of: offers))
        } catch is Silence {
            return SearchReply(offers: [], wasSilent: true)
        } catch let error as SlskdError {
            throw SourceError(error)
        }
    }

    /// The time of a search ran out, and no peer had answered it.
    private struct Silence: Error {}

    private func ask(_ text: String, within budget: any SearchBudget) async throws -> [OfferedFile] {
        let run = SlskdRun(text, client: client, limits: limits, logger: logger)
        do {
            let responses = try await run.responses(within: budget)
            guard !responses.isEmpty else { throw Silence() }
            return responses.flatMap { $0.offers(source: Self.sourceName) }
        } catch let error as SlskdError where error.meaning == .invalid {
            // Words that slskd does not look for find nothing, and never will.
            logger.warning("slskd does not take the words of a search", metadata: ["error": "\(error)"])
            return []
        }
    }

    /// slskd drops words of one character and takes those after a hyphen for unwanted.
    private static func canBeAsked(_ text: String) -> Bool {
        text.split(separator: " ").contains { $0.count > 1 && !$0.hasPrefix("-") }
    }

    /// Deletes searches of HDM at slskd that nobody waits for any more: those of processes that died, and those that
    /// could not be deleted at their end. Leaves those of others alone.
    /// - Returns: how many.
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
    /// What an error of slskd means for a job.
    public init(_ error: SlskdError) {
        switch error.meaning {
        case .unauthorised, .forbidden: self.init(.unauthorised, error.message)
        case .busy, .notLoggedIn, .unavailable, .notFound, .unexpected: self.init(.unavailable, error.message)
        case .peerOffline, .peerUnreachable, .peerFailed, .invalid: self.init(.refused, error.message)
        case .timedOut: self.init(.timedOut, error.message)
        }
    }
}
