/// Splits folded text into words.
struct WordReader {
    private var words: Words
    private let lexicon: Lexicon?
    /// Whether articles are kept, for names that consist of articles only.
    private var keepsArticles = false
    private var start = 0
    private var part: Int32 = 0
    private var depth = 0
    private var followsDash = false
    private var hasLetters = false

    /// - Parameters:
    ///   - bytes: UTF-8 that is folded; plain ASCII may have capitals.
    ///   - words: Receives the words. Its buffers are reused.
    ///   - lexicon: The lexicon for the entries of the words; `nil` while the lexicon itself is built.
    static func read(_ bytes: UnsafeBufferPointer<UInt8>, into words: inout Words, _ lexicon: Lexicon?) {
        var reader = WordReader(words: Words(), lexicon: lexicon)
        swap(&reader.words, &words)
        reader.read(bytes)
        if reader.words.isEmpty, !bytes.isEmpty {
            reader.keepsArticles = true
            reader.read(bytes)
        }
        swap(&reader.words, &words)
    }

    private init(words: Words, lexicon: Lexicon?) {
        self.words = words
        self.lexicon = lexicon
    }

    private mutating func read(_ bytes: UnsafeBufferPointer<UInt8>) {
        words.removeAll()
        (start, part, depth, followsDash, hasLetters) = (0, 0, 0, false, false)
        words.hasBlanks = bytes.contains(32)
        words.letters.reserveCapacity(bytes.count)
        words.items.reserveCapacity(12)
        var index = 0
        while index < bytes.count, !words.isCut {
            index += read(bytes[index], index, bytes)
        }
        if !words.isCut { endWord() }
    }

    /// - Returns: The number of consumed bytes.
    private mutating func read(_ byte: UInt8, _ index: Int, _ bytes: UnsafeBufferPointer<UInt8>) -> Int {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), 0x80..., UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            return appendRun(from: index, bytes)
        case UInt8(ascii: "'"), UInt8(ascii: "`"): return apostrophe(index, bytes)
        case UInt8(ascii: "!") where isInside(index, bytes): appendLetter(UInt8(ascii: "i"))
        case UInt8(ascii: "$") where isInside(index, bytes): appendLetter(UInt8(ascii: "s"))
        case UInt8(ascii: "#") where isKeyLetter: appendLetter(UInt8(ascii: "s"))
        case UInt8(ascii: "("), UInt8(ascii: "["), UInt8(ascii: "{"): bracket(1)
        case UInt8(ascii: ")"), UInt8(ascii: "]"), UInt8(ascii: "}"): bracket(-1)
        case UInt8(ascii: "-"): dash(index, bytes)
        case UInt8(ascii: "="), UInt8(ascii: "|"), UInt8(ascii: "~"): separator(index, bytes)
        default: endWord()
        }
        return 1
    }

    /// Appends letters and digits up to the next sign.
    private mutating func appendRun(from index: Int, _ bytes: UnsafeBufferPointer<UInt8>) -> Int {
        var end = index
        var hasCapitals = false
        while end < bytes.count, Self.isLetter(bytes[end]) || bytes[end] >= 0x80 || Self.isDigit(bytes[end]) {
            if !Self.isDigit(bytes[end]) { hasLetters = true }
            if bytes[end] < UInt8(ascii: "a"), bytes[end] >= UInt8(ascii: "A") { hasCapitals = true }
            end += 1
        }
        let place = words.letters.count
        words.letters.append(contentsOf: bytes[index..<end])
        if hasCapitals { lower(from: place) }
        return end - index
    }

    private mutating func lower(from place: Int) {
        words.letters.withUnsafeMutableBufferPointer { letters in
            for index in place..<letters.count where letters[index] < 0x80 { letters[index] |= 0x20 }
        }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }

    private mutating func appendLetter(_ letter: UInt8) {
        words.letters.append(letter)
        hasLetters = true
    }

    /// Returns whether a sign stands for a letter: `$ilver Ca$h`, `P!nk`.
    private func isInside(_ index: Int, _ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        guard index + 1 < bytes.count else { return false }
        let isFirst = words.letters.count == start
        return Self.isLetter(bytes[index + 1]) && (!isFirst || bytes[index] == UInt8(ascii: "$"))
    }

    /// Whether the present word is the letter of a musical key, after which a sign means "sharp".
    private var isKeyLetter: Bool {
        words.letters.count == start + 1 && (UInt8(ascii: "a")...UInt8(ascii: "g")).contains(words.letters[start])
    }

    private static func isLetter(_ byte: UInt8) -> Bool { UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte | 0x20 }

    /// Joins the letters around an apostrophe. The "n" of `rock'n'roll` stands for "and" and is dropped.
    private mutating func apostrophe(_ index: Int, _ bytes: UnsafeBufferPointer<UInt8>) -> Int {
        guard index + 2 < bytes.count, bytes[index + 1] | 0x20 == UInt8(ascii: "n"),
            bytes[index + 2] == UInt8(ascii: "'")
        else { return 1 }
        endWord()
        return 3
    }

    private mutating func dash(_ index: Int, _ bytes: UnsafeBufferPointer<UInt8>) {
        endWord()
        let before = index > 0 ? bytes[index - 1] : 32
        let after = index + 1 < bytes.count ? bytes[index + 1] : 32
        let isFree = (before == 32 || before == 95 || before == 45) && (after == 32 || after == 95 || after == 45)
        if isFree || !words.hasBlanks || isBesideNumber(index, bytes) { nextPart() }
        followsDash = true
    }

    /// Returns whether a dash is one of the two around a number: `Artist-06-Title`.
    private func isBesideNumber(_ index: Int, _ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        var end = index + 1
        while end < bytes.count, Self.isDigit(bytes[end]) { end += 1 }
        if (2...3).contains(end - index - 1), end < bytes.count, bytes[end] == UInt8(ascii: "-") { return true }
        var begin = index
        while begin > 0, Self.isDigit(bytes[begin - 1]) { begin -= 1 }
        return (2...3).contains(index - begin) && begin > 0 && bytes[begin - 1] == UInt8(ascii: "-")
    }

    /// Begins a part at a sign between blanks: `Artist = Album = 1977`.
    private mutating func separator(_ index: Int, _ bytes: UnsafeBufferPointer<UInt8>) {
        endWord()
        guard index > 0, index + 1 < bytes.count, bytes[index - 1] == 32, bytes[index + 1] == 32 else { return }
        nextPart()
        followsDash = true
    }

    private mutating func bracket(_ step: Int) {
        endWord()
        nextPart()
        depth = max(0, depth + step)
    }

    private mutating func nextPart() {
        if words.items.last?.part == part { part += 1 }
    }

    private mutating func endWord() {
        let count = words.letters.count - start
        guard count > 0 else { return }
        defer {
            start = words.letters.count
            followsDash = false
            hasLetters = false
        }
        guard words.items.count < Words.maxCount else {
            words.letters.removeLast(count)
            words.isCut = true
            return
        }
        var (id, used) = WordID.reading(words.letters, from: start)
        if hasLetters, count <= 9, let number = Numerals.digits(id, after: words.items.last?.id) {
            if joinsTens(number) { return }
            words.letters.replaceSubrange(start..., with: number)
            (id, used) = WordID.reading(words.letters, from: start)
        }
        if !keepsArticles, isArticle(id) {
            words.letters.removeLast(count)
            return
        }
        words.items.append(
            Words.Word(
                start: Int32(start), end: Int32(words.letters.count), part: part, isBracketed: depth > 0,
                isNumber: !hasLetters, followsDash: followsDash, id: id, lettersUsed: used,
                entry: lexicon?.entry(id, words.letters[start...]) ?? Lexicon.Entry()))
    }

    private func isArticle(_ id: WordID) -> Bool {
        id == Numerals.the || id == Numerals.and || id == UInt64(UInt8(ascii: "n")) && isAfterWord
    }

    /// Whether the part has a word already, which an "n" can join with the next: not in `04 - N/A`.
    private var isAfterWord: Bool { words.items.last.map { $0.part == part && !$0.isNumber } ?? false }

    /// Joins a digit with tens in words before it: "ninety-nine".
    private mutating func joinsTens(_ number: [UInt8]) -> Bool {
        guard number.count == 1, let last = words.items.last, !last.isNumber, last.range.count == 2,
            last.range.upperBound == start, words.letters[start - 1] == UInt8(ascii: "0"),
            words.letters[start - 2] > UInt8(ascii: "1"), words.letters[start - 2] <= UInt8(ascii: "9")
        else { return false }
        words.letters.removeLast(words.letters.count - start + 1)
        words.letters += number
        words.items.removeLast()
        words.endWord(from: last.range.lowerBound, like: last, lexicon)
        return true
    }
}
