import AMQP
import AudioSources
import Contracts
import Matching
import ServiceKit

/// The result of one query of one source.
struct SearchOutcome: Sendable {
    var yield: SearchYield
    var offers: [OfferedFile] = []
    var failure: (any Error)?
    /// When the last request was sent; `nil` when none was.
    var sentAt: Timestamp?
}

/// The result of a search.
struct SearchResult: Sendable {
    var decision: MatchDecision
    /// All queries in their order.
    var searches: [SearchYield]
}

/// A search that must continue later, because a budget is exhausted. It then skips the queries without a usable offer.
struct SearchInterrupted: Error {
    var exhausted: BudgetExhausted
    var searches: [SearchYield]
}

/// The state of a search: all offers so far, and the decision about them.
struct SearchProgress: Sendable {
    let track: Track
    let verdicts: Verdicts
    let isFresh: Bool
    /// The candidates that failed before. Offers of files that are other recordings are left out.
    var failed: [TransferSection.FailedCandidate] = []
    /// How many tracks the album has, if other tracks of it are wanted as well.
    var albumTracks: Int?
    private(set) var decision = MatchDecision.none
    private let matcher: Matcher
    private var offers: [OfferedFile] = []
    private var seen: Set<OfferID> = []
    private var searches: [SearchYield]
    private var failures: [any Error] = []

    /// - Parameter known: The queries of earlier attempts.
    init(track: Track, verdicts: Verdicts, known: [SearchYield], isFresh: Bool, matcher: Matcher) {
        self.matcher = matcher
        self.track = track
        self.verdicts = verdicts
        self.isFresh = isFresh
        // Queries with usable offers are repeated: a job does not store the offers.
        searches = known.filter { $0.usable == 0 }
    }

    var result: SearchResult { SearchResult(decision: decision, searches: searches) }

    /// Whether the source was asked for these words in this attempt, or in an earlier one without a usable offer.
    func wasAsked(_ source: String, _ query: SearchQuery) -> Bool {
        searches.contains { $0.source == source && $0.query == query.text }
    }

    private func isWrongFile(_ offer: OfferedFile) -> Bool {
        // The approval of a person is newer.
        !verdicts.approved.contains(offer.key) && failed.contains { $0.isWrongFile && $0.isOf(offer.user, offer.key) }
    }

    /// The best accepted offer that has not failed before.
    private var best: JudgedOffer? {
        decision.ranked.first { judged in
            judged.outcome == .accept && !failed.contains { $0.isOf(judged.offer.user, judged.offer.key) }
        }
    }

    /// Adds the results of one query and judges all offers so far together.
    mutating func add(_ outcomes: [SearchOutcome]) {
        failures = outcomes.compactMap(\.failure)
        let successful = outcomes.filter { $0.failure == nil }
        let new = successful.map { outcome in
            outcome.offers.filter { !isWrongFile($0) && seen.insert(OfferID($0)).inserted }
        }
        offers += new.flatMap(\.self)
        decision = matcher.judge(wanted: track, offers: offers, verdicts: verdicts, albumTracks: albumTracks)
        let usable = Set(decision.ranked.filter { $0.outcome != .reject }.map { OfferID($0.offer) })
        for (outcome, new) in zip(successful, new) {
            var yield = outcome.yield
            yield.new = new.count
            yield.usable = new.count { usable.contains(OfferID($0)) }
            searches.append(yield)
        }
    }

    /// Whether the decision is final, so that wider queries are not needed.
    ///
    /// Without an accepted offer the search continues only when every source succeeded. Otherwise a rejection would be
    /// unfounded.
    /// - Parameter quality: The audio class from which no better one is searched for.
    /// - Throws: ``SearchInterrupted``, `JobError`, and other errors of a source.
    func isComplete(at quality: QualityClass?) throws -> Bool {
        if decision.outcome == .accept {
            return !failures.isEmpty || best.map { matcher.profile.isGoodEnough($0, from: quality) } ?? false
        }
        if let failure = failures.first { throw Self.jobError(for: failure, searches) }
        return false
    }

    private static func jobError(for failure: any Error, _ searches: [SearchYield]) -> any Error {
        switch failure {
        case let error as BudgetExhausted: SearchInterrupted(exhausted: error, searches: searches)
        case let error as SourceError: JobError(error.errorCode, error.message)
        case let error as AMQPError:
            JobError(.providerUnavailable, "cannot record the request in the provider budget: \(error.message)")
        default: failure
        }
    }

    /// Identifies an offer within a search.
    private struct OfferID: Hashable {
        let source: String
        let user: String?
        let path: String

        init(_ offer: OfferedFile) {
            source = offer.source
            user = offer.user
            path = offer.path
        }
    }
}
