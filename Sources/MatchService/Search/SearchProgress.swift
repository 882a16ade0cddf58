import AMQP
import AudioSources
import Contracts
import Matching
import ServiceKit

/// What a source answered to a question.
struct SearchOutcome: Sendable {
    var yield: SearchYield
    var offers: [OfferedFile] = []
    var failure: (any Error)?
}

/// What a search came to.
struct SearchResult: Sendable {
    var decision: MatchDecision
    /// In the order in which they were asked.
    var searches: [SearchYield]
}

/// A search that has to go on later, without the questions that were in vain.
struct SearchInterrupted: Error {
    var exhausted: BudgetExhausted
    var searches: [SearchYield]
}

/// How far a search has come: what was offered so far, and what was made of it.
struct SearchProgress: Sendable {
    let track: Track
    let verdicts: Verdicts
    let isFresh: Bool
    /// What peers sent under such names was something else.
    var mislabelledFiles: [TransferSection.FailedCandidate] = []
    private(set) var decision = MatchDecision.none
    private let matcher: Matcher
    private var offers: [OfferedFile] = []
    private var seen: Set<Place> = []
    private var searches: [SearchYield]
    private var failures: [any Error] = []

    init(track: Track, verdicts: Verdicts, known: [SearchYield], isFresh: Bool, matcher: Matcher) {
        self.matcher = matcher
        self.track = track
        self.verdicts = verdicts
        self.isFresh = isFresh
        // What had something to offer is asked again: a job does not carry all offers along.
        searches = known.filter { $0.usable == 0 }
    }

    var result: SearchResult { SearchResult(decision: decision, searches: searches) }

    /// Whether an earlier attempt of the job asked this and got nothing that is of use.
    func wasInVain(_ source: String, _ query: SearchQuery) -> Bool {
        searches.contains { $0.source == source && $0.variant == query.variant && $0.query == query.text }
    }

    private func isFalse(_ offer: OfferedFile) -> Bool {
        !mislabelledFiles.isEmpty && mislabelledFiles.contains { $0.user == offer.user && $0.key == offer.key }
    }

    /// Judges all offers so far in the light of new ones.
    mutating func take(_ answers: [SearchOutcome]) {
        failures = answers.compactMap(\.failure)
        let answered = answers.filter { $0.failure == nil }
        let new = answered.map { answer in answer.offers.filter { !isFalse($0) && seen.insert(Place($0)).inserted } }
        offers += new.flatMap(\.self)
        decision = matcher.judge(wanted: track, offers: offers, verdicts: verdicts)
        let usable = Set(decision.ranked.filter { $0.outcome != .reject }.map { Place($0.offer) })
        for (answer, new) in zip(answered, new) {
            var yield = answer.yield
            yield.new = new.count
            yield.usable = new.count { usable.contains(Place($0)) }
            searches.append(yield)
        }
    }

    /// Whether the answer is sure and nothing is gained by asking more.
    ///
    /// Goes on only with the answers of all: "nobody has it" would be a guess otherwise.
    /// - Parameter quality: from which class of audio on no better one is looked for.
    /// - Throws: ``SearchInterrupted``, `JobError`, and what else kept a source from answering.
    func mayEnd(at quality: QualityClass?) throws -> Bool {
        if decision.outcome == .accept {
            return !failures.isEmpty || matcher.profile.isGoodEnough(decision.ranked.first, from: quality)
        }
        if let failure = failures.first { throw Self.meaning(of: failure, searches) }
        return false
    }

    private static func meaning(of failure: any Error, _ searches: [SearchYield]) -> any Error {
        switch failure {
        case let error as BudgetExhausted: SearchInterrupted(exhausted: error, searches: searches)
        case let error as SourceError: JobError(error.errorCode, error.message)
        case let error as AMQPError:
            JobError(.providerUnavailable, "what was asked of a source cannot be written down: \(error.message)")
        default: failure
        }
    }

    private struct Place: Hashable {
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
