import Contracts
import Foundation

/// Picks the files that are likeliest to be the wanted recording from a wide answer: those whose paths have most of the
/// words of title and artist, of these the ones that are likely to come soon.
struct OfferSelection {
    private let words: [String]

    init(_ wanted: Track) {
        let texts = [wanted.title, wanted.artist] + (wanted.artists ?? [])
        words = Array(Set(texts.flatMap { SearchText.words(Self.folded($0)) }.map(\.text)))
    }

    /// All of them in their order where they are not too many.
    func likeliest(_ limit: Int, of offers: [OfferedFile]) -> [OfferedFile] {
        guard offers.count > limit else { return offers }
        let ranked = offers.enumerated().map { (rank: rank($1), place: $0) }
        let best = ranked.sorted { ($0.rank, -$0.place) > ($1.rank, -$1.place) }.prefix(limit)
        return best.map { offers[$0.place] }
    }

    /// The number of words found decides, then whether the file can be had.
    private func rank(_ offer: OfferedFile) -> Int {
        let path = Self.folded(offer.path)
        let found = words.count { path.contains($0) }
        return found * 4 + (offer.isLocked ? 0 : 2) + (offer.peer?.hasFreeSlot == true ? 1 : 0)
    }

    private static func folded(_ text: String) -> String {
        text.folding(options: [.caseInsensitive, .diacriticInsensitive, .widthInsensitive], locale: nil)
    }
}
