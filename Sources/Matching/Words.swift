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
        /// A dash or underscore without blanks stands before it.
        var followsDash: Bool
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
}

extension Words {
    /// - Parameter name: a title, or one segment of a path without its extension.
    init(_ name: String) {
        var name = name
        let isPlain = name.withUTF8 { bytes in bytes.allSatisfy { $0 < 0x80 } }
        self.init(folded: isPlain ? name : Normalizer.folded(name))
    }

    init(latin name: String) { self.init(folded: Normalizer.latin(name)) }

    /// Plain ASCII may come with its capitals.
    private init(folded text: String) {
        var text = text
        var reader = WordReader()
        text.withUTF8 { reader.read($0) }
        self = reader.words.isEmpty ? reader.everything : reader.words
    }
}

/// Splits bytes into words.
private struct WordReader {
    var words = Words()
    /// With the articles, for names that consist of nothing else.
    var everything = Words()
    private var current: [UInt8] = []
    private var part = 0
    private var depth = 0
    private var followsDash = false
    private var previousKind = Kind.other

    private enum Kind { case other, digit, letter }

    mutating func read(_ bytes: UnsafeBufferPointer<UInt8>) {
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
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): append(byte | 0x20, .letter)
        case UInt8(ascii: "a")...UInt8(ascii: "z"): append(byte, .letter)
        case UInt8(ascii: "0")...UInt8(ascii: "9"): append(byte, .digit)
        case UInt8(ascii: "'"), UInt8(ascii: "`"): break
        case UInt8(ascii: "("), UInt8(ascii: "["), UInt8(ascii: "{"): open()
        case UInt8(ascii: ")"), UInt8(ascii: "]"), UInt8(ascii: "}"): close()
        case UInt8(ascii: "-"): dash(index, bytes, hasBlanks)
        case 0xE2 where isGeneralPunctuation(index, bytes):
            if bytes[index + 2] != 0x99 && bytes[index + 2] != 0x98 { endWord() }
            if bytes[index + 2] == 0x93 || bytes[index + 2] == 0x94 { nextPart() }
        case 0x80...0xBF where isInPunctuation(index, bytes): break
        case 0x80...: append(byte, .letter)
        default: endWord()
        }
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
        if words.items.last?.part == part || everything.items.last?.part == part { part += 1 }
    }

    private mutating func append(_ byte: UInt8, _ kind: Kind) {
        current.append(byte)
        previousKind = kind
    }

    private mutating func endWord() {
        guard !current.isEmpty else { return }
        defer {
            current.removeAll(keepingCapacity: true)
            followsDash = false
        }
        let isNumber = current.allSatisfy { (48...57).contains($0) }
        if current.count <= 6, !isNumber { replaceCurrent() }
        add(to: &everything, isNumber)
        if !isArticle { add(to: &words, isNumber) }
    }

    private func add(to words: inout Words, _ isNumber: Bool) {
        let start = words.letters.count
        words.letters += current
        words.items.append(
            Words.Word(
                range: start..<words.letters.count, part: part, isBracketed: depth > 0, isNumber: isNumber,
                followsDash: followsDash))
    }

    private var isArticle: Bool {
        current == Self.the || current == Self.and
    }

    private mutating func replaceCurrent() {
        guard let replacement = Self.sameWord[String(decoding: current, as: UTF8.self)] else { return }
        current = Array(replacement.utf8)
    }

    private static let the = Array("the".utf8)
    private static let and = Array("and".utf8)

    /// Numerals, and signs that are spelt in several ways. Single letters are no numerals: they are words, too.
    private static let sameWord: [String: String] = [
        "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7", "eight": "8",
        "nine": "9", "ten": "10", "eleven": "11", "twelve": "12", "ii": "2", "iii": "3", "iv": "4", "vi": "6",
        "vii": "7", "viii": "8", "ix": "9", "xi": "11", "xii": "12", "pt": "part", "pts": "part", "parts": "part",
        "vol": "volume", "flat": "b", "sharp": "s", "nr": "no", "nos": "no", "movt": "mvt", "ft": "feat",
    ]
}
