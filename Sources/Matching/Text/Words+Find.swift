extension Words {
    /// An occurrence of a name. The ratio is 1 for an exact one.
    struct Occurrence: Sendable {
        var range: Range<Int>
        var ratio: Double
    }

    /// Returns the range with exactly the letters of a name. Word boundaries can differ.
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

    /// Returns the index after the word that ends at a letter.
    private func word(endingAt letter: Int, from start: Int) -> Int? {
        var index = start
        while index < items.count, items[index].range.upperBound < letter { index += 1 }
        return index < items.count && items[index].range.upperBound == letter ? index + 1 : nil
    }

    /// Returns the best occurrence of a name with typing errors, or with `isLoose` in another romanisation.
    func findNear(_ name: Words, isLoose: Bool, where accepts: (Range<Int>) -> Bool) -> Occurrence? {
        guard let first = name.letters.first else { return nil }
        var best: Occurrence?
        for start in items.indices where isLoose || letters[items[start].range.lowerBound] == first {
            guard let place = near(name, start, isLoose) ?? nearJoined(name, start, isLoose),
                place.ratio > best?.ratio ?? 0, accepts(place.range)
            else { continue }
            best = place
        }
        return best
    }

    /// Compares word by word. Each word must be similar enough.
    private func near(_ name: Words, _ start: Int, _ isLoose: Bool) -> Occurrence? {
        guard start + name.count <= items.count else { return nil }
        var edits = 0
        for (index, wanted) in name.items.enumerated() {
            let written = items[start + index]
            if wanted.id == written.id { continue }
            let limit = name.limit(index)
            guard limit > 0, (wanted.lettersUsed ^ written.lettersUsed).nonzeroBitCount <= 4 * limit,
                let more = EditDistance.edits(
                    name.letters[wanted.range], letters[written.range], limit: limit, isLoose: isLoose)
            else { return nil }
            edits += more
        }
        guard edits <= (isLoose ? 4 : 3) else { return nil }
        return Occurrence(
            range: start..<start + name.count, ratio: 1 - Double(edits) / Double(max(name.letters.count, 4)))
    }

    /// Compares a long name with words that are divided differently.
    private func nearJoined(_ name: Words, _ start: Int, _ isLoose: Bool) -> Occurrence? {
        let length = name.letters.count
        guard length >= 12 || isLoose && length >= 6, name.letters.allSatisfy({ $0 < 0x80 }) else { return nil }
        let limit = isLoose ? EditDistance.limit(length: length) : 1
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
                let edits = EditDistance.edits(name.letters[...], letters(start..<end), limit: limit, isLoose: isLoose)
            else { continue }
            return Occurrence(range: start..<end, ratio: 1 - Double(edits) / Double(length))
        }
        return nil
    }

    /// Returns the maximum number of changes in a word; 0 in scripts whose letters are syllables or words.
    private func limit(_ index: Int) -> Int {
        var count = 0
        for letter in letters[items[index].range] {
            if letter >= 0xE0 { return 0 }
            if letter & 0xC0 != 0x80 { count += 1 }
        }
        return EditDistance.limit(length: count)
    }

    func find(_ name: Words, isLoose: Bool, where accepts: (Range<Int>) -> Bool) -> Occurrence? {
        if let exact = findExact(name, where: accepts) { return Occurrence(range: exact, ratio: 1) }
        return findNear(name, isLoose: isLoose, where: accepts)
    }

    /// Returns the range of a long name that is cut off at the end: `… of Everyt`, `… We Left Beh`. What is left of a short
    /// one can be another name.
    func findCut(_ name: Words) -> (range: Range<Int>, isShort: Bool)? {
        let least = max(10, min(20, name.letters.count * 3 / 5))
        guard name.letters.count > least else { return nil }
        for start in items.indices {
            let rest = letters[items[start].range.lowerBound...]
            guard rest.count >= least else { return nil }
            guard rest.count < name.letters.count, name.letters.starts(with: rest) else { continue }
            // A missing number can be that of a part.
            guard !name.letters[rest.count...].contains(where: { (48...57).contains($0) }) else { return nil }
            // A name that ends with a whole word can be that of another piece.
            guard name.word(endingAt: rest.count, from: 0) == nil else { return nil }
            return (start..<count, rest.count < 20)
        }
        return nil
    }
}
