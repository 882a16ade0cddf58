/// What one name — a file's, or a title tag — says about the wanted track, word by word.
struct NameReading: Sendable {
    /// 1 is the wanted title letter by letter; 0 is that it is not there.
    var title = 0.0
    /// The title as it is spelt here, where that is not letter by letter the wanted one.
    var otherSpelling: String?
    /// The title may be meant, but is spelt in a way that fingers do not slip into.
    var hasDoubtfulSpelling = false
    /// The same of the closest credited artist, the main one for most music.
    var artist = 0.0
    var marks: VersionMarks = []
    /// The first words that nothing explains: another title's, another artist's or an unknown version's. Not collected
    /// where the title is missing anyway.
    var unexplained: [String] = []
    /// The names of the wanted qualifier that are there.
    var qualifierNames = 0
    /// A credited artist besides the main one is there.
    var hasOtherArtist = false

    /// The place on the record, where the name says nothing else, besides who plays.
    private(set) var onlyPlace: RecordPlace?

    private var artistPart: Int32?
    /// The title is there in its fullest form.
    private var hasFullTitle = false
    /// A bit for each word that the wanted title and artists explain.
    private var explained: UInt64 = 0

    init(_ words: Words, recording: WantedRecording.Form, folder: Words?) {
        findTitle(words, recording, folder)
        readArtists(words, recording)
        readRest(words, recording, folder)
        if title == 0 { onlyPlace = RecordPlace(words, isExplained) }
        if words.isCut, title > 0 { unexplained.append("…") }
    }

    private static func bits(_ range: Range<Int>) -> UInt64 {
        range.reduce(0) { $0 | 1 << UInt64($1) }
    }

    private func isExplained(_ index: Int) -> Bool { explained & 1 << UInt64(index) != 0 }

    /// The fullest way to write the title that is there.
    private mutating func findTitle(_ words: Words, _ recording: WantedRecording.Form, _ folder: Words?) {
        for (index, wanted) in recording.titles.enumerated() {
            let place =
                words.findExact(wanted.words) { _ in true }.map { Words.Place(range: $0, ratio: 1) }
                ?? (wanted.isExactOnly ? nil : words.findNear(wanted.words, isLoose: recording.isLoose) { _ in true })
            if let place {
                takeTitle(words, place)
                hasFullTitle = index == 0
                return
            }
            if !wanted.isExactOnly, let range = words.findCut(wanted.words) {
                title = 0.9
                explained |= Self.bits(range)
                return
            }
        }
        if findMovement(words, recording, folder) { return }
        findDoubtfulTitle(words, recording)
    }

    /// A movement whose work is named by the folder, or stands before the track's number.
    private mutating func findMovement(_ words: Words, _ recording: WantedRecording.Form, _ folder: Words?) -> Bool {
        for movement in recording.movements {
            guard let name = words.findExact(movement.name, where: { _ in true }) else { continue }
            let work = words.findExact(movement.work) { isNumberBetween(words, $0, name) }
            guard work != nil || folder?.findExact(movement.work, where: { _ in true }) != nil else { continue }
            takeTitle(words, Words.Place(range: name, ratio: 1))
            if let work { explained |= Self.bits(work) }
            return true
        }
        return false
    }

    private func isNumberBetween(_ words: Words, _ work: Range<Int>, _ name: Range<Int>) -> Bool {
        work.upperBound + 1 == name.lowerBound && words.items[work.upperBound].isNumber
    }

    private mutating func takeTitle(_ words: Words, _ place: Words.Place) {
        title = place.ratio
        if place.ratio < 1 { otherSpelling = words.text(place.range) }
        explained |= Self.bits(place.range)
    }

    private mutating func findDoubtfulTitle(_ words: Words, _ recording: WantedRecording.Form) {
        guard recording.isAsWritten, let wanted = recording.titles.first, wanted.words.letters.count >= 8,
            let place = words.findNear(wanted.words, isLoose: true, where: { _ in true })
        else { return }
        takeTitle(words, place)
        hasDoubtfulSpelling = true
    }

    private mutating func readArtists(_ words: Words, _ recording: WantedRecording.Form) {
        for (index, artist) in recording.artists.enumerated() {
            let taken = explained
            guard let found = artist.find(in: words, isLoose: recording.isLoose, where: { Self.bits($0) & taken == 0 })
            else { continue }
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

// MARK: - What is left

extension NameReading {
    /// Whether what nothing explains is the title's own romanisation.
    ///
    /// Romanisations of one name have most letters in common, in the same order; machines read some signs otherwise.
    func hasReading(of recording: WantedRecording.Form) -> Bool {
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
    private mutating func readRest(_ words: Words, _ recording: WantedRecording.Form, _ folder: Words?) {
        var start = 0
        while start < words.count {
            let part = words.part(from: start)
            let bits = Self.bits(part)
            if explained & bits != bits { readRest(of: part, words, recording, folder) }
            start = part.upperBound
        }
    }

    /// A part is read as a whole: some words say nothing only beside others.
    private mutating func readRest(
        of part: Range<Int>, _ words: Words, _ recording: WantedRecording.Form, _ folder: Words?
    ) {
        let reading = PartReading(part, words, recording, explained)
        for index in part where !isExplained(index) {
            let id = words.items[index].id
            if recording.qualifierNames.contains(id) { qualifierNames += 1 }
            if reading.isMark(words.items[index], recording) {
                marks.formUnion(reading.marks(words, index))
                continue
            }
            if title == 0 || isKnown(words.items[index], recording) || reading.saysNothing(words, index, recording) {
                continue
            }
            if isEnding(words, index, folder) || isAlbumPart(words, index, folder) { continue }
            if unexplained.count < 4 { unexplained.append(words.text(index)) }
        }
    }

    /// In brackets behind the whole title, its words say something else: `Field Notes (field)`.
    private func isKnown(_ word: Words.Word, _ recording: WantedRecording.Form) -> Bool {
        recording.known.contains(word.id)
            && !(hasFullTitle && word.isBracketed && recording.titleOnly.contains(word.id))
    }

    /// The last word: the group that released the folder or the file, or the mark of an explicit track.
    private func isEnding(_ words: Words, _ index: Int, _ folder: Words?) -> Bool {
        guard index == words.count - 1 else { return false }
        let word = words.items[index]
        if word.id == folder?.items.last?.id || word.id == WordID(UInt8(ascii: "e")) { return true }
        return !words.hasBlanks && index > 1 && word.followsDash && words.items[index - 1].isYear
            && words.items[index - 2].entry.kinds.contains(.strong)
    }

    /// A part that repeats the folder's name, while another names the artist: so it is an album, not a second artist.
    private func isAlbumPart(_ words: Words, _ index: Int, _ folder: Words?) -> Bool {
        let part = words.items[index].part
        guard let artistPart, artistPart != part, let folder else { return false }
        return words.items.allSatisfy { word in
            word.part != part || folder.items.contains { $0.id == word.id }
        }
    }
}
