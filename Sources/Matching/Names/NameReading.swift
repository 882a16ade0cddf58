/// The comparison of one name, that of a file or a title tag, with the wanted track, word by word.
struct NameReading: Sendable {
    /// The similarity of the title: 1 for an exact occurrence, 0 if it is absent.
    var title = 0.0
    /// The spelling of the title if it differs from the wanted one.
    var otherSpelling: String?
    /// Whether the title differs from the wanted one by more than typing errors.
    var hasDoubtfulSpelling = false
    /// The similarity of the main artist, 0 … 1.
    var artist = 0.0
    var marks: VersionMarks = []
    /// The first unexplained words: parts of another title, another artist or an unknown version. Empty if the title is
    /// absent.
    var unexplained: [String] = []
    /// The number of names of the wanted qualifiers that occur.
    var qualifierNames = 0
    /// Whether a credited artist besides the main one occurs.
    var hasOtherArtist = false

    /// The position on the record if the name contains nothing else besides the artist.
    private(set) var onlyPosition: TrackPosition?

    /// Whether the name has a word for an edition that is not wanted.
    private(set) var hasEdition = false
    /// The words for channels that occur: mono or stereo.
    private(set) var channels: Lexicon.Kinds = []
    /// Whether an unexplained word has a meaning in names of versions, and so is no translation of the title.
    private(set) var hasVersionWord = false
    private var artistPart: Int32?
    private var titleRange: Range<Int>?
    /// Whether the longest form of the title occurs.
    private var hasFullTitle = false
    /// A bit for each word that belongs to the wanted title or artists.
    private var explained: UInt64 = 0

    init(_ words: Words, recording: WantedNames, folder: Words?) {
        findTitle(words, recording, folder)
        readArtists(words, recording)
        readRest(words, recording, folder)
        if title == 0 { onlyPosition = TrackPosition(words, isExplained) }
        if words.isCut, title > 0 { unexplained.append("…") }
    }

    private static func bits(_ range: Range<Int>) -> UInt64 {
        range.reduce(0) { $0 | 1 << UInt64($1) }
    }

    private func isExplained(_ index: Int) -> Bool { explained & 1 << UInt64(index) != 0 }

    /// Finds the longest form of the title.
    private mutating func findTitle(_ words: Words, _ recording: WantedNames, _ folder: Words?) {
        for (index, wanted) in recording.titles.enumerated() {
            let place =
                words.findExact(wanted.words) { _ in true }.map { Words.Occurrence(range: $0, ratio: 1) }
                ?? (wanted.isExactOnly ? nil : words.findNear(wanted.words, isLoose: recording.isLoose) { _ in true })
            if let place {
                setTitle(words, place)
                hasFullTitle = index == 0
                return
            }
            if !wanted.isExactOnly, let cut = words.findCut(wanted.words) {
                title = 0.9
                hasDoubtfulSpelling = cut.isShort
                explained |= Self.bits(cut.range)
                return
            }
        }
        if findMovement(words, recording, folder) || findNumberedWork(words, recording, folder) { return }
        findDoubtfulTitle(words, recording)
    }

    /// Finds a movement whose work is named by the folder or before the track number.
    private mutating func findMovement(_ words: Words, _ recording: WantedNames, _ folder: Words?) -> Bool {
        for movement in recording.movements {
            guard let name = words.findExact(movement.name, where: { _ in true }) else { continue }
            let work = words.findExact(movement.work) { isNumberBetween(words, $0, name) }
            guard work != nil || folder?.findExact(movement.work, where: { _ in true }) != nil else { continue }
            setTitle(words, Words.Occurrence(range: name, ratio: 1))
            if let work { explained |= Self.bits(work) }
            return true
        }
        return false
    }

    /// Finds a movement whose work is named in another language: by the same numbers, such as those of opus and work.
    private mutating func findNumberedWork(_ words: Words, _ recording: WantedNames, _ folder: Words?) -> Bool {
        for movement in recording.movements {
            let numbers = movement.work.numbers(movement.work.items.indices)
            guard numbers.count > 1, let name = words.findExact(movement.name, where: { _ in true }) else { continue }
            let isNamed = numbers.isSubset(of: words.numbers(0..<name.lowerBound))
            guard isNamed || folder.map({ numbers.isSubset(of: $0.numbers($0.items.indices)) }) ?? false else {
                continue
            }
            setTitle(words, Words.Occurrence(range: name, ratio: 1))
            for index in words.items.indices.prefix(name.lowerBound) where isOfWork(words, index, numbers) {
                explained |= Self.bits(index..<index + 1)
            }
            return true
        }
        return false
    }

    /// Returns whether a word is in a part with the numbers of the work, and marks no version.
    private func isOfWork(_ words: Words, _ index: Int, _ numbers: Set<Int>) -> Bool {
        !words.numbers(words.wholePart(of: index)).isDisjoint(with: numbers)
            && (words.items[index].entry.marks.isEmpty || words.items[index].entry.kinds.contains(.ofClassical))
    }

    private func isNumberBetween(_ words: Words, _ work: Range<Int>, _ name: Range<Int>) -> Bool {
        work.upperBound + 1 == name.lowerBound && words.items[work.upperBound].isNumber
    }

    private mutating func setTitle(_ words: Words, _ place: Words.Occurrence) {
        title = place.ratio
        titleRange = place.range
        if place.ratio < 1 { otherSpelling = words.text(place.range) }
        explained |= Self.bits(place.range)
    }

    private mutating func findDoubtfulTitle(_ words: Words, _ recording: WantedNames) {
        guard recording.isAsWritten, let wanted = recording.titles.first, wanted.words.letters.count >= 8,
            let place = words.findNear(wanted.words, isLoose: true, where: { _ in true })
        else { return }
        setTitle(words, place)
        hasDoubtfulSpelling = true
    }

    private mutating func readArtists(_ words: Words, _ recording: WantedNames) {
        for (index, artist) in recording.artists.enumerated() {
            let taken = explained
            guard let found = artist.find(in: words, isLoose: recording.isLoose, where: { Self.bits($0) & taken == 0 })
            else {
                hasOtherArtist =
                    hasOtherArtist
                    || index > 0 && recording.isClassical
                        && artist.isKnownByLastWord(in: words, besides: recording.title) {
                            taken & 1 << UInt64($0) != 0
                        }
                continue
            }
            if index == 0 {
                self.artist = found.ratio
                artistPart = words.items[found.range.lowerBound].part
            } else {
                hasOtherArtist = true
            }
            explained |= Self.bits(found.range)
        }
    }
}

// MARK: - Unexplained words

extension NameReading {
    /// Returns whether the unexplained words are a romanisation of the title.
    ///
    /// Romanisations of one name have most letters in common, in the same order.
    func hasReading(of recording: WantedNames) -> Bool {
        let written = Array(unexplained.joined().utf8)
        guard written.count >= 6, let title = recording.titles.first?.words.letters, title.count < 200 else {
            return false
        }
        var last = [Int](repeating: 0, count: title.count + 1)
        for letter in written.prefix(200) {
            var row = [0]
            for (index, other) in title.enumerated() {
                row.append(letter == other ? last[index] + 1 : max(last[index + 1], row[index]))
            }
            last = row
        }
        return (last.last ?? 0) * 10 >= max(written.count, title.count) * 6
    }
}

extension NameReading {
    private mutating func readRest(_ words: Words, _ recording: WantedNames, _ folder: Words?) {
        var start = 0
        while start < words.count {
            let part = words.part(from: start)
            let bits = Self.bits(part)
            for index in part { channels.formUnion(words.items[index].entry.kinds.intersection([.mono, .stereo])) }
            countQualifierNames(in: part, words, recording)
            if explained & bits != bits { readRest(of: part, words, recording, folder) }
            start = part.upperBound
        }
    }

    /// Counts the names of the wanted version, such as that of a remixer, who can also be a credited artist. Without a
    /// mark beside it a name is a credit.
    private mutating func countQualifierNames(in part: Range<Int>, _ words: Words, _ recording: WantedNames) {
        let isVersion = part.contains { words.namesVersion($0) }
        for index in part where recording.qualifierNames.contains(words.items[index].id) {
            let isName = words.items[index].isYear ? words.isYearOfVersion(part) : isVersion || !isExplained(index)
            if isName { qualifierNames += 1 }
        }
    }

    /// Reads the unexplained words of a part. Some words are neutral only beside others of the same part.
    private mutating func readRest(
        of part: Range<Int>, _ words: Words, _ recording: WantedNames, _ folder: Words?
    ) {
        let reading = NamePart(part, words, recording, explained)
        for index in part where !isExplained(index) {
            if reading.isMark(words, index, recording) {
                marks.formUnion(reading.marks(words, index))
                continue
            }
            if title == 0 || isKnown(words.items[index], recording) { continue }
            hasEdition = hasEdition || words.items[index].entry.kinds.contains(.edition)
            if !reading.isBesideTitle(words, index, titleRange), reading.isNeutral(words, index, recording) { continue }
            if isEnding(words, index, folder) || isAlbumPart(words, index, folder) { continue }
            hasVersionWord =
                hasVersionWord || !words.items[index].entry.kinds.isEmpty || words.items[index].range.count < 3
            if unexplained.count < 4 { unexplained.append(words.text(index)) }
        }
    }

    /// Returns whether a word belongs to the wanted names. In brackets after the whole title a word of the title is
    /// something else: `Field Notes (field)`.
    private func isKnown(_ word: Words.Word, _ recording: WantedNames) -> Bool {
        recording.known.contains(word.id)
            && !(hasFullTitle && word.isBracketed && recording.titleOnly.contains(word.id))
    }

    /// Returns whether the word is the last one and names the release group, or marks an explicit track.
    private func isEnding(_ words: Words, _ index: Int, _ folder: Words?) -> Bool {
        guard index == words.count - 1 else { return false }
        let word = words.items[index]
        if word.id == folder?.items.last?.id || word.id == WordID(UInt8(ascii: "e")) { return true }
        return !words.hasBlanks && index > 1 && word.followsDash && words.items[index - 1].isYear
            && words.items[index - 2].entry.kinds.contains(.strong)
    }

    /// Returns whether a part repeats the name of the folder while another part names the artist. It is the album then.
    private func isAlbumPart(_ words: Words, _ index: Int, _ folder: Words?) -> Bool {
        let part = words.items[index].part
        guard let artistPart, artistPart != part, let folder else { return false }
        return words.items.allSatisfy { word in
            word.part != part || folder.items.contains { $0.id == word.id }
        }
    }
}
