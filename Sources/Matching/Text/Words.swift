/// A text as comparable words: their letters one behind another, and where each begins.
///
/// Articles and "and" are left out, numerals are digits, apostrophes join, every other sign separates.
struct Words: Sendable, Equatable {
    struct Word: Sendable, Equatable {
        /// In `letters`.
        var start: Int32
        var end: Int32
        /// Counts the parts of the text, which brackets and dashes separate.
        var part: Int32
        var isBracketed: Bool
        /// Written in digits, not turned into them.
        var isNumber: Bool
        /// A dash stands before it.
        var followsDash: Bool
        /// Equal for equal words.
        var id: WordID
        /// Which letters occur: two words that differ in k letters differ here in at most 2 k bits.
        var lettersUsed: UInt64
        /// What the lexicon of its script knows of it.
        var entry = Lexicon.Entry()

        var range: Range<Int> { Int(start)..<Int(end) }

        /// A number that is a year of recorded music.
        var isYear: Bool { isNumber && range.count == 4 && id >= WordID.year1900 && id <= WordID.year2099 }
    }

    /// More words than this are no name; the rest is not kept.
    static let maxCount = 64

    var letters: [UInt8] = []
    var items: [Word] = []
    /// The text has blanks, so it does not write other signs in their place.
    var hasBlanks = false
    /// The text has words beyond `maxCount`.
    var isCut = false

    var isEmpty: Bool { items.isEmpty }
    var count: Int { items.count }
    var isASCII: Bool { letters.allSatisfy { $0 < 0x80 } }

    func text(_ index: Int) -> String { text(index..<index + 1) }

    /// For people: without blanks between the words.
    func text(_ range: Range<Int>) -> String { String(decoding: letters(range), as: UTF8.self) }

    func letters(_ range: Range<Int>) -> ArraySlice<UInt8> { letters[bytes(range)] }

    /// Where these words' letters are.
    func bytes(_ range: Range<Int>) -> Range<Int> {
        range.isEmpty ? 0..<0 : items[range.lowerBound].range.lowerBound..<items[range.upperBound - 1].range.upperBound
    }

    var texts: [String] { items.indices.map { text($0) } }

    var ids: [WordID] { items.map(\.id) }

    /// The words of the same part as the one at `index`.
    func part(from index: Int) -> Range<Int> {
        var end = index + 1
        while end < items.count, items[end].part == items[index].part { end += 1 }
        return index..<end
    }

    mutating func removeAll() {
        letters.removeAll(keepingCapacity: true)
        items.removeAll(keepingCapacity: true)
        hasBlanks = false
        isCut = false
    }

    /// Takes the last letters as a word; the other marks are those of `like`.
    mutating func endWord(from start: Int, like other: Word, _ lexicon: Lexicon?) {
        var word = other
        (word.start, word.end) = (Int32(start), Int32(letters.count))
        (word.id, word.lettersUsed) = WordID.reading(letters, from: start)
        word.entry = lexicon?.entry(word.id, letters[start...]) ?? Lexicon.Entry()
        items.append(word)
    }
}

/// Stands for a word in comparisons: its letters where they fit, their hash (FNV-1a) where they do not.
typealias WordID = UInt64

extension WordID {
    init(_ word: String) { self = Self.reading(Array(word.utf8), from: 0).id }

    /// The word at the end of `letters`, and which letters it uses.
    static func reading(_ letters: [UInt8], from start: Int) -> (id: WordID, used: UInt64) {
        letters.withUnsafeBufferPointer { reading(UnsafeBufferPointer(rebasing: $0[start...])) }
    }

    static func reading(_ word: UnsafeBufferPointer<UInt8>) -> (id: WordID, used: UInt64) {
        var id: WordID = word.count > 8 ? 0xCBF2_9CE4_8422_2325 : 0
        var used: UInt64 = 0
        for letter in word {
            id = word.count > 8 ? (id ^ WordID(letter)) &* 0x100_0000_01B3 : id << 8 | WordID(letter)
            used |= 1 << UInt64(letter & 63)
        }
        return (id, used)
    }

    fileprivate static let year1900 = WordID(0x3139_3030)
    fileprivate static let year2099 = WordID(0x3230_3939)
}

/// A few words that are looked up often.
struct WordSet: Sendable {
    private var ids: [WordID] = []
    /// Has a bit for every word that is in.
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
