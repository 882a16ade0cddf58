/// A text as comparable words. All letters are in one buffer, and each word has a range in it.
///
/// Articles and "and" are dropped, numerals become digits, apostrophes join words, and other signs separate them.
struct Words: Sendable, Equatable {
    struct Word: Sendable, Equatable {
        /// The start in `letters`.
        var start: Int32
        var end: Int32
        /// The number of the part. Brackets and dashes separate parts.
        var part: Int32
        var isBracketed: Bool
        /// Whether the text has digits here, and not a numeral in words.
        var isNumber: Bool
        /// Whether a dash stands before the word.
        var followsDash: Bool
        /// The id for comparisons; equal for equal words.
        var id: WordID
        /// A bit for each letter of the word. Words that differ in k letters differ in at most 2 k bits.
        var lettersUsed: UInt64
        /// The entry of the lexicon.
        var entry = Lexicon.Entry()

        var range: Range<Int> { Int(start)..<Int(end) }

        /// Whether the word is a year from 1900 to 2099.
        var isYear: Bool { isNumber && range.count == 4 && id >= WordID.year1900 && id <= WordID.year2099 }
    }

    /// The maximum number of words. The rest is dropped.
    static let maxCount = 64

    var letters: [UInt8] = []
    var items: [Word] = []
    /// Whether the text has spaces, and so no other signs instead of spaces.
    var hasBlanks = false
    /// Whether words beyond `maxCount` were dropped.
    var isCut = false

    var isEmpty: Bool { items.isEmpty }
    var count: Int { items.count }
    var isASCII: Bool { letters.allSatisfy { $0 < 0x80 } }

    func text(_ index: Int) -> String { text(index..<index + 1) }

    /// Returns the words for people, without spaces between them.
    func text(_ range: Range<Int>) -> String { String(decoding: letters(range), as: UTF8.self) }

    func letters(_ range: Range<Int>) -> ArraySlice<UInt8> { letters[bytes(range)] }

    /// Returns the range of the letters of some words.
    func bytes(_ range: Range<Int>) -> Range<Int> {
        range.isEmpty ? 0..<0 : items[range.lowerBound].range.lowerBound..<items[range.upperBound - 1].range.upperBound
    }

    var texts: [String] { items.indices.map { text($0) } }

    var ids: [WordID] { items.map(\.id) }

    /// Returns the rest of the part from the word at `index` on.
    func part(from index: Int) -> Range<Int> {
        var end = index + 1
        while end < items.count, items[end].part == items[index].part { end += 1 }
        return index..<end
    }

    /// Returns whether a word is a number in digits or in words. A track's number can be its title, too.
    func isNumeral(_ index: Int) -> Bool { letters[items[index].range].allSatisfy { (48...57).contains($0) } }

    /// Returns the marks of a word in its place: "re-recorded" and "new recording" are a later recording.
    func marks(_ index: Int) -> VersionMarks {
        let word = items[index]
        guard word.entry.kinds.contains(.recording), index > 0, isAgain(index - 1) else {
            return word.entry.marks
        }
        return word.entry.marks.union(.rerecording)
    }

    /// Returns whether a word marks a version, or is "version" or "recording", beside which a name stands.
    func namesVersion(_ index: Int) -> Bool {
        !items[index].entry.marks.isEmpty || !items[index].entry.kinds.isDisjoint(with: [.version, .recording])
    }

    /// Returns whether a year in a part is that of a version, and not of a remaster.
    func isYearOfVersion(_ part: Range<Int>) -> Bool {
        part.contains { items[$0].entry.kinds.contains(.version) }
            && !part.contains { items[$0].entry.kinds.contains(.edition) }
    }

    /// Returns whether a word and the one before it are the catalogue number of a label: `MR 017`.
    func isCatalogueNumber(_ index: Int) -> Bool {
        guard index > 0 else { return false }
        let (label, number) = (items[index - 1], items[index])
        return number.isNumber && (3...6).contains(number.range.count) && !number.isYear && !label.isNumber
            && (2...4).contains(label.range.count) && label.part == number.part
    }

    /// Returns whether a bracket is the catalogue number of a label in several words: `[KNL 22]`, `{ARV 9 2201-2}`.
    func isCatalogueNumber(_ part: Range<Int>) -> Bool {
        let (label, numbers) = (items[part.lowerBound], items[part.dropFirst()])
        guard label.isBracketed, !letters[label.range].contains(where: { (48...57).contains($0) }),
            (2...5).contains(label.range.count), label.entry == Lexicon.Entry(),
            !Self.countingWords.contains(label.id), !numbers.isEmpty, numbers.allSatisfy(\.isNumber)
        else { return false }
        // Places of concerts stand beside years and dates.
        let isDate =
            numbers.contains(where: \.isYear) || numbers.count == 3 && numbers.allSatisfy { $0.range.count <= 2 }
        return numbers.reduce(0) { $0 + $1.range.count } >= 3 && !isDate
    }

    /// The words before numbers that are not those of a label.
    private static let countingWords = WordSet(
        ["volume", "no", "part", "opus", "op", "take", "tome", "teil"].map { WordID($0) })

    /// Returns whether a word is "re", "new" or an equivalent.
    func isAgain(_ index: Int) -> Bool { items[index].entry.kinds.contains(.again) }

    /// The numbers in the words, also where letters are joined to them: `8번`, `第2番`, `op79`.
    func numbers(_ range: Range<Int>) -> Set<Int> {
        var numbers: Set<Int> = []
        for word in items[range] where !TechnicalWord.isTechnical(letters[word.range]) {
            for digits in letters[word.range].split(whereSeparator: { !(48...57).contains($0) }) where digits.count < 6
            {
                numbers.insert(digits.reduce(0) { $0 * 10 + Int($1) - 48 })
            }
        }
        return numbers
    }

    /// Returns the part around the word at `index`.
    func wholePart(of index: Int) -> Range<Int> {
        var start = index
        while start > 0, items[start - 1].part == items[index].part { start -= 1 }
        return part(from: start)
    }

    mutating func removeAll() {
        letters.removeAll(keepingCapacity: true)
        items.removeAll(keepingCapacity: true)
        hasBlanks = false
        isCut = false
    }

    /// Adds the letters from `start` on as a word with the properties of `like`.
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
