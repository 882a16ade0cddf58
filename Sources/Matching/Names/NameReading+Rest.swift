/// The words of a name besides the title and the artists.
extension NameReading {
    /// Reads the words besides the title and the artists.
    mutating func readRest(_ words: Words, _ recording: WantedNames, _ folder: Words?) {
        var start = 0
        while start < words.count {
            let part = words.part(from: start)
            let bits = Self.bits(part)
            if recording.hasChannels { readChannels(of: part, words) }
            if !recording.qualifierNames.isEmpty { countQualifierNames(in: part, words, recording) }
            if explained & bits != bits { readRest(of: part, words, recording, folder) }
            start = part.upperBound
        }
    }

    private mutating func readChannels(of part: Range<Int>, _ words: Words) {
        for index in part { channels.formUnion(words.items[index].entry.kinds.intersection([.mono, .stereo])) }
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
        if reading.isRecordSize(words) { return marks.formUnion(.edit) }
        if isOwnVersion(part, words, recording) { marks.formUnion(.named) }
        let isBesideTitle = titleRange.map { part.contains($0.lowerBound) } ?? false
        for index in part where !isExplained(index) {
            if reading.isMark(words, index, recording) {
                marks.formUnion(reading.marks(words, index))
                continue
            }
            if title == 0 || isKnown(words, index, recording, besideTitle: isBesideTitle) { continue }
            hasEdition = hasEdition || words.items[index].entry.kinds.contains(.edition)
            if !reading.isBesideTitle(words, index, titleRange), reading.isNeutral(words, index, recording) { continue }
            if isEnding(words, index, folder) || isAlbumPart(words, index, folder) { continue }
            hasVersionWord =
                hasVersionWord || !words.items[index].entry.kinds.isEmpty || words.items[index].range.count < 3
            if unexplained.count < 4 { unexplained.append(words.text(index)) }
        }
    }

    /// Returns whether a bracket has the artist's name and "version", as later recordings are called.
    private func isOwnVersion(_ part: Range<Int>, _ words: Words, _ recording: WantedNames) -> Bool {
        guard words.items[part.lowerBound].isBracketed, titleRange?.overlaps(part) != true,
            part.contains(where: { words.items[$0].entry.kinds.contains(.version) })
        else { return false }
        return recording.artists.first?.find(in: words, isLoose: recording.isLoose) {
            part.contains($0.lowerBound) && part.contains($0.upperBound - 1)
        } != nil
    }

    /// Returns whether a word belongs to the wanted names. In brackets after the whole title, and beside it, a word of the
    /// title is something else: `Field Notes (field)`, `Stone by Stone`.
    private func isKnown(_ words: Words, _ index: Int, _ recording: WantedNames, besideTitle: Bool) -> Bool {
        let word = words.items[index]
        guard recording.known.contains(word.id) else { return false }
        guard hasFullTitle, recording.titleOnly.contains(word.id) else { return true }
        return !word.isBracketed && (!besideTitle || words.isNumeral(index))
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
