/// A small set of words for frequent lookups.
struct WordSet: Sendable {
    private var ids: [WordID] = []
    /// A bit for each word, to exclude most others without a search.
    private var mask: UInt64 = 0

    var isEmpty: Bool { ids.isEmpty }
    var count: Int { ids.count }

    init(_ words: some Sequence<WordID>) { add(words) }

    func isDisjoint(with other: WordSet) -> Bool { !ids.contains { other.contains($0) } }

    func union(_ words: some Sequence<WordID>) -> WordSet {
        var union = self
        union.add(words)
        return union
    }

    private mutating func add(_ words: some Sequence<WordID>) {
        for word in words where !contains(word) {
            ids.append(word)
            mask |= Self.bit(word)
        }
    }

    func contains(_ word: WordID) -> Bool { mask & Self.bit(word) != 0 && ids.contains(word) }

    private static func bit(_ word: WordID) -> UInt64 { 1 << ((word &* 0x9E37_79B9_7F4A_7C15) >> 58) }
}
