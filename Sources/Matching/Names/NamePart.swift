/// One part of a name, between brackets or dashes, with the meaning of its words besides the wanted names.
struct NamePart {
    let part: Range<Int>
    /// A bit for each word that belongs to the wanted title or artists.
    private let explained: UInt64
    /// Whether a word describes the copy. Ambiguous words beside it describe the copy, too.
    private var hasStrong = false
    private var hasHarmless = false
    private var hasMark = false
    /// The index from which on the part names the maker of the copy.
    private var creditStart: Int?
    /// Whether the part consists of numbers, keys and technical words.
    private var isTechnical = true
    /// Whether the part is a bracket about the copied record: year, label and number.
    private var isPressing = false
    /// Whether the part says "various artists".
    private var isVarious = false

    init(_ part: Range<Int>, _ words: Words, _ recording: WantedNames, _ explained: UInt64) {
        self.part = part
        self.explained = explained
        for index in part where !isExplained(index) {
            let entry = words.items[index].entry
            hasStrong = hasStrong || entry.kinds.contains(.strong) || TechnicalWord.isTechnical(letters(words, index))
            hasHarmless = hasHarmless || entry.kinds.contains(.harmless) && !words.items[index].isNumber
            hasMark = hasMark || isMark(words, index, recording)
            if creditStart == nil, isCredit(words, index) { creditStart = index }
            isTechnical = isTechnical && isTechnicalOrKey(words, index)
        }
        isTechnical = isTechnical && !part.contains(where: isExplained)
        isPressing = words.items[part.lowerBound].isBracketed && isAboutPressing(words)
        isVarious = part.allSatisfy { Self.various.contains(words.items[$0].id) }
    }

    private func isExplained(_ index: Int) -> Bool { explained & 1 << UInt64(index) != 0 }

    func letters(_ words: Words, _ index: Int) -> ArraySlice<UInt8> { words.letters[words.items[index].range] }

    /// Returns whether a word begins a credit for the copy: "Ripped by …", "prod. …".
    private func isCredit(_ words: Words, _ index: Int) -> Bool {
        guard words.items[index].entry.kinds.contains(.credit), index + 1 < part.upperBound else { return false }
        if words.items[index + 1].id == Self.by { return true }
        return index == part.lowerBound && words.items[index].isBracketed && words.items[index].id == Self.prod
    }

    private static let plainMixes = WordSet(["original", "album", "studio"].map { WordID($0) })
    private static let edits = WordSet(["radio", "single"].map { WordID($0) })
    private static let various = LexiconWords.set(LexiconWords.various)
    /// Notes that name a thing, which can be an instrument or an occasion.
    private static let things = WordSet(["box", "set", "music", "cut", "press", "clip", "tape"].map { WordID($0) })
    private static let bit = WordID("bit")
    private static let inch = WordID("inch")
    private static let seven = WordID("7")
    private static let mix = WordID("mix")
    private static let by = WordID("by")
    private static let prod = WordID("prod")

    /// Returns whether the part has a catalogue number, and a year or a word about the copy.
    private func isAboutPressing(_ words: Words) -> Bool {
        if part.count == 2, words.isCatalogueNumber(part.lowerBound + 1) { return true }
        guard hasStrong || part.contains(where: { words.items[$0].isYear }) else { return false }
        return part.contains { index in
            TechnicalWord.isCatalogueNumber(letters(words, index))
                || index > part.lowerBound && isSplitCatalogueNumber(words, index)
        }
    }

    /// Returns whether a word is the number of a catalogue number with a hyphen: `MR-017`.
    private func isSplitCatalogueNumber(_ words: Words, _ index: Int) -> Bool {
        words.items[index].followsDash && words.isCatalogueNumber(index)
    }

    private func isTechnicalOrKey(_ words: Words, _ index: Int) -> Bool {
        let word = words.items[index]
        if word.isNumber { return word.range.count <= 3 }
        return word.entry.kinds.contains(.strong) || TechnicalWord.isTechnical(letters(words, index))
            || (word.isBracketed || isLoneEnding(words, index)) && isKeyOrCatalogue(letters(words, index))
    }

    /// Returns whether a word is the last one and a part of its own, as keys for mixing are.
    private func isLoneEnding(_ words: Words, _ index: Int) -> Bool {
        part.count == 1 && index == words.count - 1 && words.items[index].followsDash
    }

    private func isKeyOrCatalogue(_ word: ArraySlice<UInt8>) -> Bool {
        word.count > 1 && TechnicalWord.isKey(word) || TechnicalWord.isCatalogueNumber(word)
    }

    /// Whether the part names the version of a single by the size of the record: `7" Version`, `7 inch mix`.
    func isRecordSize(_ words: Words) -> Bool {
        let (first, last) = (words.items[part.lowerBound], part.upperBound - 1)
        guard (2...3).contains(part.count), first.isNumber, first.id == Self.seven else { return false }
        let between = part.dropFirst().dropLast()
        return between.allSatisfy { words.items[$0].id == Self.inch }
            && (words.items[last].entry.kinds.contains(.version) || words.items[last].id == Self.mix)
    }

    /// Returns whether a word marks a version, whatever the words around it.
    func isMark(_ words: Words, _ index: Int, _ recording: WantedNames) -> Bool {
        let entry = words.items[index].entry
        guard !entry.marks.isEmpty || entry.kinds.contains(.recording) else { return false }
        return !words.marks(index).isEmpty && !(recording.isClassical && entry.kinds.contains(.ofClassical))
    }

    /// Returns the marks of a word. "Original mix" is no mark, "radio mix" is an edit.
    func marks(_ words: Words, _ index: Int) -> VersionMarks {
        let marks = words.marks(index)
        guard marks == .remix, index > 0 else { return marks }
        let before = words.items[index - 1].id
        if Self.plainMixes.contains(before) { return [] }
        return Self.edits.contains(before) ? .edit : marks
    }

    /// Returns whether a word that is a note elsewhere stands beside the title, where it is a part of another title:
    /// "My Love", "Love Us". Notes about the copy, and several notes behind the title, are notes there, too.
    func isBesideTitle(_ words: Words, _ index: Int, _ title: Range<Int>?) -> Bool {
        guard let title, part.contains(title.lowerBound), !hasMark else { return false }
        let kinds = words.items[index].entry.kinds
        guard kinds.contains(.harmless), !kinds.contains(.strong), !kinds.contains(.link),
            !words.items[index].isNumber
        else { return false }
        if index < title.lowerBound { return true }
        return !hasStrong && part.upperBound - title.upperBound < 2
    }

    /// Returns whether a word describes the copy or counts something, and names neither a title nor a version.
    func isNeutral(_ words: Words, _ index: Int, _ recording: WantedNames) -> Bool {
        if isTechnical || isPressing || isVarious || creditStart.map({ index >= $0 }) ?? false { return true }
        if words.items[index].id == Self.bit { return index > 0 && TechnicalWord.isDepth(letters(words, index - 1)) }
        let kinds = words.items[index].entry.kinds
        if kinds.contains(.version) {
            // A note about the copy is none before "version": a music box plays another recording.
            guard index == part.lowerBound || !Self.things.contains(words.items[index - 1].id) else { return false }
            return hasHarmless || hasStrong || hasMark || mentionsRecording(words, recording)
        }
        if kinds.contains(.harmless) || words.items[index].isYear { return true }
        if index + 1 < part.upperBound, words.marks(index + 1).contains(.rerecording), words.isAgain(index) {
            return true
        }
        if kinds.contains(.soft), hasStrong || hasMark && isShort(words, index) { return true }
        if kinds.contains(.link), isLinkToKnown(words, index, recording) { return true }
        if isCounted(words, index) || isCounter(words, index) || TechnicalWord.isTechnical(letters(words, index)) {
            return true
        }
        return words.items[index].isBracketed && hasStrong && TechnicalWord.isCatalogueNumber(letters(words, index))
    }

    /// Returns whether a word is short enough to join a mark with a place: "live in …", "live at …".
    private func isShort(_ words: Words, _ index: Int) -> Bool {
        let word = letters(words, index)
        return word.count <= (word.contains { $0 >= 0x80 } ? 4 : 3)
    }

    /// Returns whether the part contains a wanted name, such as the album.
    private func mentionsRecording(_ words: Words, _ recording: WantedNames) -> Bool {
        part.contains { isExplained($0) || recording.known.contains(words.items[$0].id) }
    }

    /// Returns whether the word after a link belongs to a credited artist.
    private func isLinkToKnown(_ words: Words, _ index: Int, _ recording: WantedNames) -> Bool {
        var next = index + 1
        while next < part.upperBound, !isExplained(next), words.items[next].entry.kinds.contains(.link) { next += 1 }
        guard next < words.count else { return false }
        return isExplained(next) || recording.known.contains(words.items[next].id)
    }
}
