/// The known words beside titles: marks of versions, and words without meaning for the recording.
///
/// Most words are not in the lexicon. An unknown word must be treated as a possible mark, because the words for
/// versions are open-ended.
final class Lexicon: Sendable {
    /// The entry of one word.
    struct Entry: Sendable, Equatable {
        var marks: VersionMarks = []
        /// Marks in names of folders only.
        var folderMarks: VersionMarks = []
        var kinds: Kinds = []

        /// Whether the word has a meaning in names of every kind of music. Words for ensembles and "new" are also names.
        var isNote: Bool { !kinds.subtracting([.ensemble, .again]).isEmpty }
    }

    struct Kinds: OptionSet, Sendable {
        let rawValue: UInt16

        /// The word has no meaning for the recording.
        static let harmless = Self(rawValue: 1 << 0)
        /// The word describes the copy, and so do ambiguous words beside it: "Japanese" beside "pressing".
        static let strong = Self(rawValue: 1 << 1)
        /// The word is harmless beside a strong word, and can mark a version otherwise.
        static let soft = Self(rawValue: 1 << 2)
        /// The word is "version" or an equivalent. Other words name the kind of version.
        static let version = Self(rawValue: 1 << 3)
        /// The word joins artists if it stands beside a credited one.
        static let link = Self(rawValue: 1 << 4)
        /// The word begins a credit for the copy and is followed by a name.
        static let credit = Self(rawValue: 1 << 5)
        /// The word begins the name of a venue.
        static let place = Self(rawValue: 1 << 6)
        /// The word marks a version, except in classical music.
        static let ofClassical = Self(rawValue: 1 << 7)
        /// The word names folders for whole collections.
        static let shelf = Self(rawValue: 1 << 8)
        /// The word counts parts of a record if a number or a letter follows: "track 9", "side B".
        static let counter = Self(rawValue: 1 << 9)
        /// The word names an edition of an album: "deluxe", "remastered".
        static let edition = Self(rawValue: 1 << 10)
        /// The word is "recording" or an equivalent. After "new" and "re-" it marks a later recording.
        static let recording = Self(rawValue: 1 << 11)
        /// The word is "re", "new" or an equivalent.
        static let again = Self(rawValue: 1 << 14)
        /// The word is the kind of an ensemble, which names none.
        static let ensemble = Self(rawValue: 1 << 15)
        static let mono = Self(rawValue: 1 << 12)
        static let stereo = Self(rawValue: 1 << 13)
    }

    /// The lexicon for words as they are written.
    static let written = Lexicon(isLatin: false)
    /// The lexicon for words in normalised Latin letters.
    static let latin = Lexicon(isLatin: true)

    private let places: WordTable
    private let entries: [Entry]
    /// The beginning of words, or a piece of words in scripts without spaces.
    private typealias Stem = (letters: [UInt8], entry: Entry)

    /// The stems by their first byte.
    private let stems: [[Stem]]
    /// Indices in `pieceLists`, by the first letter.
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

    /// Returns the entry of a word by its stem, for other grammatical forms.
    private func byStem(_ word: ArraySlice<UInt8>) -> Entry {
        if word.contains(where: { $0 >= 0xE1 }) { return bySyllables(word) }
        guard let first = word.first else { return Entry() }
        for stem in stems[Int(first)] where word.starts(with: stem.letters) { return stem.entry }
        return Entry()
    }

    /// Returns the entry of a word in a script without spaces, if it consists of known pieces only.
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

    /// Returns the letter of three bytes at an index; 0 for other letters.
    private static func letter(_ word: ArraySlice<UInt8>, _ index: Int) -> WordID {
        guard word[index] >= 0xE1, index + 3 <= word.endIndex else { return 0 }
        return WordID(word[index]) << 16 | WordID(word[index + 1]) << 8 | WordID(word[index + 2])
    }
}

extension Words {
    /// Returns whether a word has no meaning for the recording at any position.
    func isHarmless(_ index: Int) -> Bool {
        items[index].isYear || items[index].entry.kinds.contains(.harmless)
            || TechnicalWord.isTechnical(letters[items[index].range])
    }
}
