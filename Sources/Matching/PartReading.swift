/// What one part of a name, between brackets or dashes, says besides the wanted names.
struct PartReading {
    private let part: Range<Int>
    private let words: Words
    private let wish: Wish.Form
    /// A bit for each word that the wanted title and artists explain.
    private let explained: UInt64
    /// A word speaks of the copy, and softer ones beside it are about the copy, too.
    private var hasStrong = false
    private var hasHarmless = false
    private var hasMark = false
    /// From here on the part names whoever made the copy.
    private var creditStart: Int?
    /// Nothing but numbers, keys and technical words.
    private var isTechnical = true

    init(_ part: Range<Int>, _ words: Words, _ wish: Wish.Form, explained: UInt64) {
        self.part = part
        self.words = words
        self.wish = wish
        self.explained = explained
        for index in part where !isExplained(index) {
            let entry = wish.lexicon[words, index]
            hasStrong = hasStrong || entry.kinds.contains(.strong) || TechnicalWord.isTechnical(letters(index))
            hasHarmless = hasHarmless || entry.kinds.contains(.harmless) && !words.items[index].isNumber
            hasMark = hasMark || isMark(index)
            if creditStart == nil, isCredit(index, entry) { creditStart = index }
            isTechnical = isTechnical && isTechnicalOrKey(index, entry)
        }
        isTechnical = isTechnical && !part.contains(where: isExplained)
    }

    private func isExplained(_ index: Int) -> Bool { explained & 1 << UInt64(index) != 0 }

    private func letters(_ index: Int) -> ArraySlice<UInt8> { words.letters[words.items[index].range] }

    private func entry(_ index: Int) -> Lexicon.Entry { wish.lexicon[words, index] }

    /// "Ripped by …", "prod. …": at the beginning of a bracket, or followed by "by".
    private func isCredit(_ index: Int, _ entry: Lexicon.Entry) -> Bool {
        guard entry.kinds.contains(.credit), index + 1 < part.upperBound else { return false }
        if words.items[index + 1].id == Self.by { return true }
        return index == part.lowerBound && words.items[index].isBracketed && words.items[index].id == Self.prod
    }

    private static let plainMixes = WordSet(["original", "album", "studio"].map { WordID($0) })
    private static let edits = WordSet(["radio", "single"].map { WordID($0) })
    private static let bit = WordID("bit")
    private static let by = WordID("by")
    private static let prod = WordID("prod")

    private func isTechnicalOrKey(_ index: Int, _ entry: Lexicon.Entry) -> Bool {
        let word = words.items[index]
        if word.isNumber { return word.range.count <= 3 }
        return entry.kinds.contains(.strong) || TechnicalWord.isTechnical(letters(index))
            || word.isBracketed && (TechnicalWord.isKey(letters(index)) && word.range.count > 1)
    }

    /// Marks a version, in whatever words stand around it.
    func isMark(_ index: Int) -> Bool {
        let entry = entry(index)
        return !entry.marks.isEmpty && !(wish.isClassical && entry.kinds.contains(.ofClassical))
    }

    /// "Original mix" says that there is nothing to say, "radio mix" that it is an edit.
    func marks(_ index: Int) -> VersionMarks {
        let marks = entry(index).marks
        guard marks == .remix, index > 0 else { return marks }
        let before = words.items[index - 1].id
        if Self.plainMixes.contains(before) { return [] }
        return Self.edits.contains(before) ? .edit : marks
    }

    /// The word is about the copy or counts something; it names neither a title nor a version.
    func saysNothing(_ index: Int) -> Bool {
        if isTechnical || creditStart.map({ index >= $0 }) ?? false { return true }
        if words.items[index].id == Self.bit { return index > 0 && TechnicalWord.isDepth(letters(index - 1)) }
        let kinds = entry(index).kinds
        if kinds.contains(.version) { return hasHarmless || hasStrong || hasMark || speaksOfWish }
        if kinds.contains(.harmless) || words.items[index].isYear { return true }
        if kinds.contains(.soft), hasStrong { return true }
        if kinds.contains(.link), isLinkToKnown(index) { return true }
        if isCounter(index) || TechnicalWord.isTechnical(letters(index)) { return true }
        return words.items[index].isBracketed && hasStrong && TechnicalWord.isCatalogueNumber(letters(index))
    }

    /// The part names something wanted, such as the album.
    private var speaksOfWish: Bool {
        part.contains { isExplained($0) || wish.known.contains(words.items[$0].id) }
    }

    /// What it joins is a credited artist.
    private func isLinkToKnown(_ index: Int) -> Bool {
        var next = index + 1
        while next < part.upperBound, !isExplained(next), entry(next).kinds.contains(.link) { next += 1 }
        guard next < words.count else { return false }
        return isExplained(next) || wish.known.contains(words.items[next].id)
    }

    /// A number that counts tracks, discs or copies: at the beginning of a part, or a part of its own.
    private func isCounter(_ index: Int) -> Bool {
        let word = words.items[index]
        guard word.isNumber, word.range.count <= 3 else { return index == 0 && Self.isSide(letters(index)) }
        let isFirst = index == part.lowerBound
        let isLast = index == part.upperBound - 1
        if isFirst && (isLast || word.range.count >= 2 || index == 0) { return true }
        return index == 1 && words.items[0].isNumber
    }

    /// The side and place on a record: `a1`, `b02`.
    private static func isSide(_ word: ArraySlice<UInt8>) -> Bool {
        guard (2...3).contains(word.count), let side = word.first else { return false }
        return (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(side)
            && word.dropFirst().allSatisfy { (48...57).contains($0) }
    }
}
