/// The words that stand beside a title: what marks a version, what says nothing about the recording.
///
/// Words that are neither are the rule, not the exception: whoever reads a name must treat an unexplained word as a
/// possible mark, because the words in which people write versions are open-ended.
final class Lexicon: Sendable {
    /// What is known of one word.
    struct Entry: Sendable, Equatable {
        var marks: VersionMarks = []
        /// Marks in folders' names only.
        var folderMarks: VersionMarks = []
        var kinds: Kinds = []
    }

    struct Kinds: OptionSet, Sendable {
        let rawValue: UInt16

        /// Says nothing about the recording.
        static let harmless = Self(rawValue: 1 << 0)
        /// Speaks of the copy, and so explains softer words around it: "Japanese" beside "pressing".
        static let strong = Self(rawValue: 1 << 1)
        /// Says nothing beside a strong word, and may mark a version without one.
        static let soft = Self(rawValue: 1 << 2)
        /// "Version": what kind of version, others must say.
        static let version = Self(rawValue: 1 << 3)
        /// Joins artists, if it stands beside a credited one.
        static let link = Self(rawValue: 1 << 4)
        /// Names whoever made the copy: what follows is a name.
        static let credit = Self(rawValue: 1 << 5)
        /// Begins the name of a place where somebody played.
        static let place = Self(rawValue: 1 << 6)
        /// Marks a version, but not of classical music.
        static let ofClassical = Self(rawValue: 1 << 7)
        /// What people call the folders under which they keep everything.
        static let shelf = Self(rawValue: 1 << 8)
        /// Counts what a record consists of, if a number or a letter follows: "track 9", "side B".
        static let counter = Self(rawValue: 1 << 9)
    }

    /// For words as they are written.
    static let written = Lexicon(isLatin: false)
    /// For words that were put into Latin letters and levelled.
    static let latin = Lexicon(isLatin: true)

    private let places: WordTable
    private let entries: [Entry]
    /// How words begin, or what words of scripts without blanks consist of.
    private typealias Stem = (letters: [UInt8], entry: Entry)

    /// By the first byte.
    private let stems: [[Stem]]
    /// Places in `pieceLists`, by the first letter: most letters begin no piece.
    private let pieces: WordTable
    private let pieceLists: [[Stem]]

    private init(isLatin: Bool) {
        var reader = NameReader(hasLexicon: false)
        func ids(_ words: String) -> [WordID] {
            words.split { $0.isWhitespace }.flatMap { word in
                isLatin ? reader.latin(String(word)).ids : reader.words(String(word)).ids
            }
        }
        var known: [WordID: Entry] = [:]
        for (marks, words) in LexiconWords.marks {
            for id in ids(words) { known[id, default: Entry()].marks.formUnion(marks) }
        }
        for (marks, words) in LexiconWords.folderMarks {
            for id in ids(words) { known[id, default: Entry()].folderMarks.formUnion(marks) }
        }
        for (kinds, words) in LexiconWords.kinds {
            for id in ids(words) { known[id, default: Entry()].kinds.formUnion(kinds) }
        }
        var stems = [[Stem]](repeating: [], count: 256)
        for (entry, words) in LexiconWords.stems {
            for word in words.split(separator: " ") {
                let letters = (isLatin ? reader.latin(String(word)) : reader.words(String(word))).letters
                if let first = letters.first { stems[Int(first)].append((letters, entry)) }
            }
        }
        self.stems = stems
        (pieces, pieceLists) = Self.pieces(stems)
        var places = WordTable(capacity: known.count)
        for (place, id) in known.keys.enumerated() { places.insert(id, place) }
        self.places = places
        entries = Array(known.values)
    }

    private static func pieces(_ stems: [[Stem]]) -> (WordTable, [[Stem]]) {
        var places = WordTable()
        var lists: [[Stem]] = []
        for stem in stems.joined() {
            let letter = letter(stem.letters[...], 0)
            if let place = places[letter] {
                lists[place].append(stem)
            } else if letter != 0 {
                places.insert(letter, lists.count)
                lists.append([stem])
            }
        }
        return (places, lists)
    }

    func entry(_ id: WordID, _ letters: ArraySlice<UInt8>) -> Entry {
        if let place = places[id] { return entries[place] }
        return letters.count > 5 ? byStem(letters) : Entry()
    }

    /// The word in another form of its language: what begins alike means alike.
    private func byStem(_ word: ArraySlice<UInt8>) -> Entry {
        if word.contains(where: { $0 >= 0xE1 }) { return bySyllables(word) }
        guard let first = word.first else { return Entry() }
        for stem in stems[Int(first)] where word.starts(with: stem.letters) { return stem.entry }
        return Entry()
    }

    /// Scripts without blanks write several words as one: it is known where nothing but known pieces make it up.
    private func bySyllables(_ word: ArraySlice<UInt8>) -> Entry {
        var index = word.startIndex
        var entry = Entry()
        var isKnown = true
        while index < word.endIndex {
            if let piece = piece(word, index) {
                entry.marks.formUnion(piece.entry.marks)
                entry.kinds.formUnion(piece.entry.kinds)
                index += piece.letters.count
            } else {
                isKnown = isKnown && (48...57).contains(word[index])
                index += word[index] >= 0xE0 ? 3 : 1
            }
        }
        if !isKnown { entry.kinds = [] }
        return entry
    }

    private func piece(_ word: ArraySlice<UInt8>, _ index: Int) -> Stem? {
        guard let place = pieces[Self.letter(word, index)] else { return nil }
        return pieceLists[place].first { word[index...].starts(with: $0.letters) }
    }

    /// The letter of three bytes that begins here; 0 for any other.
    private static func letter(_ word: ArraySlice<UInt8>, _ index: Int) -> WordID {
        guard word[index] >= 0xE1, index + 3 <= word.endIndex else { return 0 }
        return WordID(word[index]) << 16 | WordID(word[index + 1]) << 8 | WordID(word[index + 2])
    }
}

extension Words {
    /// Says nothing about the recording, wherever it stands.
    func isHarmless(_ index: Int) -> Bool {
        items[index].isYear || items[index].entry.kinds.contains(.harmless)
            || TechnicalWord.isTechnical(letters[items[index].range])
    }
}

/// Words about a file's making that are recognised by their form.
enum TechnicalWord {
    /// Bitrates, sample rates, depths: `320kbps`, `16bit`, `44khz`, `128bpm`, `dr11`; and keys for mixing: `8a`, `11b`.
    static func isTechnical(_ word: ArraySlice<UInt8>) -> Bool {
        guard let first = word.first else { return false }
        if first == UInt8(ascii: "d") {
            return word.count <= 4 && word.starts(with: "dr".utf8) && isNumber(word.dropFirst(2))
        }
        guard isDigit(first), word.count <= 10 else { return false }
        let digits = word.prefix { isDigit($0) }
        let unit = word[digits.endIndex...]
        switch unit.count {
        case 0: return false
        case 1: return unit.first == UInt8(ascii: "k") || unit.first == UInt8(ascii: "x") || isMixingKey(digits, unit)
        // Less than what sounds are sampled with is a pitch.
        case 2 where unit.elementsEqual("hz".utf8): return digits.count >= 4
        case 3 where unit.elementsEqual("bit".utf8): return isDepth(digits)
        default: return units.contains(where: { unit.elementsEqual($0.utf8) })
        }
    }

    private static func isMixingKey(_ digits: ArraySlice<UInt8>, _ unit: ArraySlice<UInt8>) -> Bool {
        guard digits.count <= 2, let letter = unit.first, letter == UInt8(ascii: "a") || letter == UInt8(ascii: "b")
        else { return false }
        return (1...12).contains(digits.reduce(0) { $0 * 10 + Int($1) - 48 })
    }

    /// What samples are made of: with fewer bits it is a sound of its own.
    static func isDepth(_ digits: ArraySlice<UInt8>) -> Bool {
        ["16", "24", "32"].contains { digits.elementsEqual($0.utf8) }
    }

    /// A musical key by its name: `am`, `fsm`, `gmaj`.
    static func isKey(_ word: ArraySlice<UInt8>) -> Bool {
        guard let first = word.first, (UInt8(ascii: "a")...UInt8(ascii: "g")).contains(first) else { return false }
        var rest = word.dropFirst()
        if let sign = rest.first, sign == UInt8(ascii: "s") || sign == UInt8(ascii: "b") { rest = rest.dropFirst() }
        return rest.isEmpty || ["m", "min", "maj", "minor", "major"].contains { rest.elementsEqual($0.utf8) }
    }

    /// What a label numbers its records with: `hl003`. Years make it a place and a time.
    static func isCatalogueNumber(_ word: ArraySlice<UInt8>) -> Bool {
        let letters = word.prefix { !isDigit($0) }
        let digits = word[letters.endIndex...]
        return (1...4).contains(letters.count) && (3...6).contains(digits.count) && isNumber(digits)
            && !(digits.count == 4 && (digits.starts(with: "19".utf8) || digits.starts(with: "20".utf8)))
    }

    private static let units = ["kbps", "kbs", "kb", "khz", "bpm", "th", "cd", "lp", "st", "nd", "rd"]

    private static func isNumber(_ word: ArraySlice<UInt8>) -> Bool { !word.isEmpty && word.allSatisfy(isDigit) }

    private static func isDigit(_ letter: UInt8) -> Bool { (48...57).contains(letter) }
}
