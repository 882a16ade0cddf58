import Contracts
import Foundation

/// Selects the files of a large result that are most likely the wanted recording: those whose paths contain most of the
/// words of title and artist, and among these the files that are available soonest.
struct OfferSelection {
    private let words: [String]

    init(_ wanted: Track) {
        let texts = [wanted.title, wanted.artist] + (wanted.artists ?? [])
        words = Array(Set(texts.flatMap { SearchText.words(Self.folded($0)) }.map(\.text)))
    }

    /// Returns at most `limit` offers. Fewer offers are returned unchanged.
    func likeliest(_ limit: Int, of offers: [OfferedFile]) -> [OfferedFile] {
        guard offers.count > limit else { return offers }
        let ranked = offers.enumerated().map { (rank: rank($1), place: $0) }
        let best = ranked.sorted { ($0.rank, -$0.place) > ($1.rank, -$1.place) }.prefix(limit)
        return best.map { offers[$0.place] }
    }

    /// The number of found words has precedence over the availability.
    private func rank(_ offer: OfferedFile) -> Int {
        let path = Self.folded(offer.path)
        let found = words.count { path.contains($0) }
        return found * 4 + (offer.isLocked ? 0 : 2) + (offer.peer?.hasFreeSlot == true ? 1 : 0)
    }

    private static func folded(_ text: String) -> String {
        text.folding(options: [.caseInsensitive, .diacriticInsensitive, .widthInsensitive], locale: nil)
    }
}
