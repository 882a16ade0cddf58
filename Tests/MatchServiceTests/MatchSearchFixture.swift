import AMQP
import AudioSources
import Contracts
import Foundation
import Logging
import Matching
import ServiceKit
import Synchronization
import TestSupport

@testable import MatchService

/// A source with fixed offers for each query text. It records its queries.
final class ScriptedSource: SearchSource {
    let name: String
    let variants: Set<QueryVariant>
    /// Offers by query text; other queries have none.
    private let answers: [String: [OfferedFile]]
    private let failure: SourceError?
    private let isSilent: Bool
    private let asked = Mutex<[SearchQuery]>([])

    init(
        _ name: String, variants: Set<QueryVariant> = Set(QueryVariant.allCases), answers: [String: [String]] = [:],
        failure: SourceError? = nil, isSilent: Bool = false
    ) {
        self.name = name
        self.isSilent = isSilent
        self.variants = variants
        self.failure = failure
        self.answers = answers.mapValues { $0.map { Self.offer($0, of: name) } }
    }

    var queries: [SearchQuery] { asked.withLock { $0 } }

    func readiness() async -> SourceReadiness { .ready }

    func search(_ request: SearchRequest, within budget: any SearchBudget) async throws -> [OfferedFile] {
        try await budget.withPermit { [self] in
            asked.withLock { $0.append(request.query) }
            if let failure { throw failure }
            return answers[request.query.text] ?? []
        }
    }

    func reply(to request: SearchRequest, within budget: any SearchBudget) async throws -> SearchReply {
        SearchReply(offers: try await search(request, within: budget), wasSilent: isSilent)
    }

    /// Four minutes of CD-quality audio.
    private static func offer(_ path: String, of source: String) -> OfferedFile {
        var offer = OfferedFile(source: source, path: path, size: path.hasSuffix(".mp3") ? 9_600_000 : 25_000_000)
        offer.user = "peer"
        offer.durationMS = 240_000
        offer.bitrateKbps = path.hasSuffix(".mp3") ? 320 : nil
        offer.peer = OfferingPeer(hasFreeSlot: true, queueLength: 0, uploadSpeed: 1_000_000)
        return offer
    }
}

/// A search over scripted sources for one track.
struct MatchSearchFixture: Sendable {
    var track = Track(artist: "Marlene Quist", title: "Tide Tables (Live in Ostend)")
    var verdicts = Verdicts()
    var known: [SearchYield] = []
    var isFresh = false
    var albumJobs: Int?
    var ownSources: Set<String> = []
    var failed: [TransferSection.FailedCandidate] = []
    var enough: QualityClass?
    var misses: NegativeSearchCache?
    var patience = Duration.zero

    init() {
        track.album = "Harbour Lights"
        track.durationMS = 240_000
    }

    /// The query texts of the track.
    static let full = "marlene quist tide tables live in ostend"
    static let plain = "marlene quist tide tables"
    static let album = "marlene quist harbour lights"
    static let title = "tide tables"
    static let right = #"music\Marlene Quist\Harbour Lights\04 Tide Tables (Live in Ostend).flac"#

    func search(_ sources: [SearchedSource]) async throws -> SearchResult {
        var matcher = Matcher()
        matcher.profile.trustedSources = ownSources
        let search = TrackSearch(
            sources: sources, matcher: matcher, misses: misses, enough: enough, patience: patience,
            logger: Logger(label: "match-test") { _ in SwiftLogNoOpLogHandler() })
        return try await search.run(
            for: track, verdicts: verdicts, known: known, isFresh: isFresh, albumJobs: albumJobs, failed: failed)
    }

    func search(_ sources: ScriptedSource...) async throws -> SearchResult {
        try await search(sources.map { SearchedSource(source: $0, budget: nil) })
    }
}

extension SearchResult {
    /// The queries as `source variant offers/new/usable`.
    var record: [String] {
        searches.map { "\($0.source) \($0.variant.rawValue) \($0.offers)/\($0.new)/\($0.usable)" }
    }
}
