import AudioSources
import Contracts
import Foundation
import Logging
import Matching
import TestSupport
import Testing

@testable import MatchService

/// `hdm match evaluate` tells what the service would do.
@Suite struct `The evaluation and the service` {
    /// A source with the same offers for every query.
    private struct FixedSource: SearchSource {
        let name = "slskd"
        let offers: [OfferedFile]
        var variants: Set<QueryVariant> { Set(QueryVariant.allCases) }

        func readiness() async -> SourceReadiness { .ready }

        func search(_ request: SearchRequest, within budget: any SearchBudget) async throws -> [OfferedFile] { offers }
    }

    @Test(arguments: ["Blind/first", "Blind/sixth", "fresh"])
    func `pick the same file of every case`(name: String) async throws {
        let file = URL(filePath: PackageRoot.path("Tests/MatchingTests/Corpus/\(name).jsonl"))
        for line in try Data(contentsOf: file).split(separator: UInt8(ascii: "\n")) {
            let searched = try JSONDecoder().decode(SearchCase.self, from: line)
            let decision = Matcher().judge(wanted: searched.wanted, offers: searched.offers)
            let search = TrackSearch(
                sources: [SearchedSource(source: FixedSource(offers: searched.offers), budget: nil)],
                matcher: Matcher(), misses: nil, enough: nil, patience: .zero,
                logger: Logger(label: "match-test") { _ in SwiftLogNoOpLogHandler() })
            let result = try await search.run(for: searched.wanted, verdicts: Verdicts(), known: [], isFresh: false)
            #expect(result.decision.outcome == decision.outcome, "\(searched.id)")
            #expect(result.decision.ranked.map(\.offer) == decision.ranked.map(\.offer), "\(searched.id)")
        }
    }
}
