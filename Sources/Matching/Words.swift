/// A text as comparable words: their letters one behind another, and where each begins.
///
/// Articles and "and" are left out, numerals are digits, apostrophes join, every other sign separates.
struct Words: Sendable, Equatable {
    struct Word: Sendable, Equatable {
        /// In `letters`.
        var range: Range<Int>
        /// Counts the parts of the text, which brackets and dashes separate.
        var part: Int
        var isBracketed: Bool
        /// Written in digits, not turned into them.
        var isNumber: Bool
        /// A dash stands before it.
        var followsDash: Bool
        /// Equal for equal words.
        var id: WordID
        /// Which letters occur: two words that differ in k letters differ here in at most 2 k bits.
        var lettersUsed: UInt64

        /// A number that is a year of recorded music.
        var isYear: Bool { isNumber && range.count == 4 && (id >= WordID.year1900 && id <= WordID.year2099) }
    }

    var letters: [UInt8] = []
    var items: [Word] = []

    var isEmpty: Bool { items.isEmpty }
    var count: Int { items.count }

    func text(_ index: Int) -> String { String(decoding: letters[items[index].range], as: UTF8.self) }

    func text(_ range: Range<Int>) -> String {
        guard !range.isEmpty else { return "" }
        return String(decoding: letters(range), as: UTF8.self)
    }

    func letters(_ range: Range<Int>) -> ArraySlice<UInt8> {
        range.isEmpty
            ? [] : letters[items[range.lowerBound].range.lowerBound..<items[range.upperBound - 1].range.upperBound]
    }

    var texts: [String] { items.indices.map(text) }

    var ids: [WordID] { items.map(\.id) }
}

/// Stands for a word in comparisons: its letters where they fit, their hash (FNV-1a) where they do not.
typealias WordID = UInt64

extension WordID {
    init(word letters: some Collection<UInt8>) {
        self = 0
        if letters.count <= 8 {
            for letter in letters { self = self << 8 | WordID(letter) }
        } else {
            self = 0xCBF2_9CE4_8422_2325
            for letter in letters { self = (self ^ WordID(letter)) &* 0x100_0000_01B3 }
        }
    }

    init(_ word: String) { self.init(word: word.utf8) }

    fileprivate static let year1900 = WordID("1900")
    fileprivate static let year2099 = WordID("2099")
}

extension Words {
    mutating func append(
        _ word: ArraySlice<UInt8>, part: Int, isBracketed: Bool, isNumber: Bool, followsDash: Bool
    ) {
        let start = letters.count
        letters += word
        items.append(
            Word(
                range: start..<letters.count, part: part, isBracketed: isBracketed, isNumber: isNumber,
                followsDash: followsDash, id: WordID(word: word),
                lettersUsed: word.reduce(0) { $0 | 1 << UInt64($1 & 63) }))
    }

    /// With the sounds levelled in which romanisations of one name differ.
    private var levelled: Words {
        var levelled = Words()
        for item in items {
            let word = Romanisation.levelled(letters[item.range])
            levelled.append(
                word[...], part: item.part, isBracketed: item.isBracketed, isNumber: item.isNumber,
                followsDash: item.followsDash)
        }
        return levelled
    }

    /// - Parameter name: a title, or one segment of a path without its extension.
    init(_ name: String) {
        var name = name
        let isPlain = name.withUTF8 { bytes in bytes.allSatisfy { $0 < 0x80 } }
        self.init(folded: isPlain ? name : Normalizer.folded(name))
    }

    /// In Latin letters, and levelled: good for comparing with other words read so.
    init(latin name: String) { self = Words(Normalizer.latin(name)).levelled }

    /// With articles and "and", run together: how a name looks where nothing divides it.
    init(runTogether name: String, _ read: (String) -> Words) {
        let letters = name.filter { $0.isLetter || $0.isNumber }
        self = read(letters)
    }

    /// Plain ASCII may come with its capitals.
    private init(folded text: String) {
        var text = text
        var reader = WordReader(keepsArticles: false)
        text.withUTF8 { reader.read($0) }
        guard reader.words.isEmpty, !text.isEmpty else {
            self = reader.words
            return
        }
        var everything = WordReader(keepsArticles: true)
        text.withUTF8 { everything.read($0) }
        self = everything.words
    }
}

/// Splits bytes into words.
private struct WordReader {
    var words = Words()
    /// For names that consist of nothing else.
    let keepsArticles: Bool
    private var current: [UInt8] = []
    private var part = 0
    private var depth = 0
    private var followsDash = false
    private var hasLetters = false

    init(keepsArticles: Bool) { self.keepsArticles = keepsArticles }

    mutating func read(_ bytes: UnsafeBufferPointer<UInt8>) {
        words.letters.reserveCapacity(bytes.count)
        words.items.reserveCapacity(16)
        current.reserveCapacity(32)
        let hasBlanks = bytes.contains(32)
        for index in bytes.indices {
            read(bytes[index], index, bytes, hasBlanks)
        }
        endWord()
    }

    private mutating func read(
        _ byte: UInt8, _ index: Int, _ bytes: UnsafeBufferPointer<UInt8>, _ hasBlanks: Bool
    ) {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): append(byte | 0x20)
        case UInt8(ascii: "a")...UInt8(ascii: "z"): append(byte)
        case UInt8(ascii: "0")...UInt8(ascii: "9"): append(byte)
        case UInt8(ascii: "'"), UInt8(ascii: "`"): break
        case UInt8(ascii: "!") where isInside(index, bytes): append(UInt8(ascii: "i"))
        case UInt8(ascii: "$") where isInside(index, bytes): append(UInt8(ascii: "s"))
        case UInt8(ascii: "("), UInt8(ascii: "["), UInt8(ascii: "{"): open()
        case UInt8(ascii: ")"), UInt8(ascii: "]"), UInt8(ascii: "}"): close()
        case UInt8(ascii: "-"): dash(index, bytes, hasBlanks)
        case 0xE2 where isGeneralPunctuation(index, bytes):
            if bytes[index + 2] != 0x99 && bytes[index + 2] != 0x98 { endWord() }
            if bytes[index + 2] == 0x93 || bytes[index + 2] == 0x94 { nextPart() }
        case 0x80...0xBF where isInPunctuation(index, bytes): break
        case 0x80...: append(byte)
        default: endWord()
        }
    }

    /// Between letters, a sign stands for one.
    private func isInside(_ index: Int, _ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        guard index + 1 < bytes.count else { return false }
        let next = bytes[index + 1] | 0x20
        return !current.isEmpty && (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(next)
    }

    private func isGeneralPunctuation(_ index: Int, _ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        index + 2 < bytes.count && bytes[index + 1] == 0x80
    }

    private func isInPunctuation(_ index: Int, _ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        (index >= 1 && bytes[index - 1] == 0xE2 && bytes[index] == 0x80)
            || (index >= 2 && bytes[index - 2] == 0xE2 && bytes[index - 1] == 0x80)
    }

    private mutating func dash(_ index: Int, _ bytes: UnsafeBufferPointer<UInt8>, _ hasBlanks: Bool) {
        endWord()
        let before = index > 0 ? bytes[index - 1] : 32
        let after = index + 1 < bytes.count ? bytes[index + 1] : 32
        let isFree = (before == 32 || before == 95 || before == 45) && (after == 32 || after == 95 || after == 45)
        if isFree || !hasBlanks { nextPart() }
        followsDash = true
    }

    private mutating func open() {
        endWord()
        nextPart()
        depth += 1
    }

    private mutating func close() {
        endWord()
        nextPart()
        depth = max(0, depth - 1)
    }

    private mutating func nextPart() {
        if words.items.last?.part == part { part += 1 }
    }

    private mutating func append(_ byte: UInt8) {
        current.append(byte)
        if !(48...57).contains(byte) { hasLetters = true }
    }

    private mutating func endWord() {
        guard !current.isEmpty else { return }
        defer {
            current.removeAll(keepingCapacity: true)
            followsDash = false
            hasLetters = false
        }
        let isNumber = !hasLetters
        if current.count <= 6, !isNumber { replaceCurrent() }
        if current.count == 1, hasLetters, let digit = Self.romanDigit[current[0]], followsPart { current = [digit] }
        if keepsArticles || !isArticle {
            words.append(current[...], part: part, isBracketed: depth > 0, isNumber: isNumber, followsDash: followsDash)
        }
    }

    private var followsPart: Bool {
        words.items.last.map { words.letters[$0.range].elementsEqual("part".utf8) } ?? false
    }

    private static let romanDigit: [UInt8: UInt8] = [
        UInt8(ascii: "i"): UInt8(ascii: "1"), UInt8(ascii: "v"): UInt8(ascii: "5"),
    ]

    private var isArticle: Bool {
        current.count == 3 && (current == Self.the || current == Self.and)
    }

    private mutating func replaceCurrent() {
        guard let replacement = Self.sameWord[WordID(word: current)] else { return }
        current.replaceSubrange(0..., with: replacement)
    }

    private static let the = Array("the".utf8)
    private static let and = Array("and".utf8)

    /// Numerals, and signs that are spelt in several ways. Single letters are no numerals: they are words, too.
    private static let sameWord: [WordID: [UInt8]] = Dictionary(
        uniqueKeysWithValues: spellings.map { (WordID($0.key), Array($0.value.utf8)) })

    private static let spellings = [
        "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7", "eight": "8",
        "nine": "9", "ten": "10", "eleven": "11", "twelve": "12", "ii": "2", "iii": "3", "iv": "4", "vi": "6",
        "vii": "7", "viii": "8", "ix": "9", "xi": "11", "xii": "12", "pt": "part", "pts": "part", "parts": "part",
        "vol": "volume", "flat": "b", "sharp": "s", "nr": "no", "nos": "no", "movt": "mvt", "ft": "feat",
    ]
}
