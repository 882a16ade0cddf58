/// The search for the wanted title in a name.
extension NameReading {
    /// Finds the longest form of the title.
    mutating func findTitle(_ words: Words, _ recording: WantedNames, _ folder: Words?) {
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
}
