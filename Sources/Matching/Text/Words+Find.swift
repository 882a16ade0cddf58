extension Words {
    /// Where a name stands, and how closely: 1 is letter by letter.
    struct Place: Sendable {
        var range: Range<Int>
        var ratio: Double
    }

    /// Where a name stands letter by letter, wherever words are divided.
    func findExact(_ name: Words, where accepts: (Range<Int>) -> Bool) -> Range<Int>? {
        guard let first = name.letters.first, letters.count >= name.letters.count else { return nil }
        let length = name.letters.count
        for start in items.indices {
            let begin = items[start].range.lowerBound
            guard begin + length <= letters.count else { return nil }
            guard letters[begin] == first, letters[begin..<begin + length].elementsEqual(name.letters) else { continue }
            guard let end = word(endingAt: begin + length, from: start), accepts(start..<end) else { continue }
            return start..<end
        }
        return nil
    }

    /// One past the word that ends at this letter.
    private func word(endingAt letter: Int, from start: Int) -> Int? {
        var index = start
        while index < items.count, items[index].range.upperBound < letter { index += 1 }
        return index < items.count && items[index].range.upperBound == letter ? index + 1 : nil
    }

    /// Where a name stands with typing errors; or, loosely, in another romanisation.
    func findNear(_ name: Words, isLoose: Bool, where accepts: (Range<Int>) -> Bool) -> Place? {
        guard let first = name.letters.first else { return nil }
        var best: Place?
        for start in items.indices where isLoose || letters[items[start].range.lowerBound] == first {
            guard let place = near(name, start, isLoose) ?? nearJoined(name, start, isLoose),
                place.ratio > best?.ratio ?? 0, accepts(place.range)
            else { continue }
            best = place
        }
        return best
    }

    /// Word by word: each by itself must be recognisable.
    private func near(_ name: Words, _ start: Int, _ isLoose: Bool) -> Place? {
        guard start + name.count <= items.count else { return nil }
        var edits = 0
        for (index, wanted) in name.items.enumerated() {
            let written = items[start + index]
            if wanted.id == written.id { continue }
            let limit = name.limit(index)
            guard limit > 0, (wanted.lettersUsed ^ written.lettersUsed).nonzeroBitCount <= 4 * limit,
                let more = Closeness.edits(
                    name.letters[wanted.range], letters[written.range], limit: limit, isLoose: isLoose)
            else { return nil }
            edits += more
        }
        guard edits <= (isLoose ? 4 : 3) else { return nil }
        return Place(range: start..<start + name.count, ratio: 1 - Double(edits) / Double(max(name.letters.count, 4)))
    }

    /// Where words are divided otherwise, the whole name must be long to be recognised.
    private func nearJoined(_ name: Words, _ start: Int, _ isLoose: Bool) -> Place? {
        let length = name.letters.count
        guard length >= 12 || isLoose && length >= 6, name.letters.allSatisfy({ $0 < 0x80 }) else { return nil }
        let limit = isLoose ? Closeness.limit(length: length) : 1
        let wanted = name.items.reduce(0) { $0 | $1.lettersUsed }
        var used: UInt64 = 0
        var end = start
        let begin = items[start].range.lowerBound
        while end < items.count, items[end].range.upperBound - begin <= length + limit {
            used |= items[end].lettersUsed
            end += 1
            let count = items[end - 1].range.upperBound - begin
            guard count >= length - limit, (used ^ wanted).nonzeroBitCount <= 2 * limit,
                end - start != name.count || isLoose,
                let edits = Closeness.edits(name.letters[...], letters(start..<end), limit: limit, isLoose: isLoose)
            else { continue }
            return Place(range: start..<end, ratio: 1 - Double(edits) / Double(length))
        }
        return nil
    }

    /// How many changes a word may show: none in scripts whose letters are syllables or whole words.
    private func limit(_ index: Int) -> Int {
        var count = 0
        for letter in letters[items[index].range] {
            if letter >= 0xE0 { return 0 }
            if letter & 0xC0 != 0x80 { count += 1 }
        }
        return Closeness.limit(length: count)
    }

    func find(_ name: Words, isLoose: Bool, where accepts: (Range<Int>) -> Bool) -> Place? {
        if let exact = findExact(name, where: accepts) { return Place(range: exact, ratio: 1) }
        return findNear(name, isLoose: isLoose, where: accepts)
    }

    /// Where a long name is cut off by the end of these words: `… of Everyt`, `… We Left Beh`.
    func findCut(_ name: Words) -> Range<Int>? {
        let least = 20
        guard name.letters.count > least else { return nil }
        for start in items.indices {
            let rest = letters[items[start].range.lowerBound...]
            guard rest.count >= least else { return nil }
            guard rest.count < name.letters.count, name.letters.starts(with: rest) else { continue }
            // A number that is missing counted the parts.
            guard !name.letters[rest.count...].contains(where: { (48...57).contains($0) }) else { return nil }
            // At the end of a word it may be the name of another piece.
            guard name.word(endingAt: rest.count, from: 0) == nil else { return nil }
            return start..<count
        }
        return nil
    }
}
