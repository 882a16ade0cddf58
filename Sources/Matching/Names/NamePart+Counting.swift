/// Words that count tracks, sides and discs.
extension NamePart {
    /// Returns whether a word is a counter with its number, or the number: "Side B", "track 9".
    func isCounted(_ words: Words, _ index: Int) -> Bool {
        let isCounter = words.items[index].entry.kinds.contains(.counter)
        if isCounter, index + 1 < part.upperBound { return isCount(words, index + 1) }
        return index > part.lowerBound && words.items[index - 1].entry.kinds.contains(.counter) && isCount(words, index)
    }

    private func isCount(_ words: Words, _ index: Int) -> Bool {
        let word = words.items[index]
        if word.isNumber { return word.range.count <= 3 }
        return word.range.count == 1 && (UInt8(ascii: "a")...UInt8(ascii: "h")).contains(words.letters[Int(word.start)])
    }

    /// Returns whether a word is the number of a track, disc or copy: at the beginning of a part, or a separate part.
    func isCounter(_ words: Words, _ index: Int) -> Bool {
        let word = words.items[index]
        guard word.isNumber, word.range.count <= 3 else { return index == 0 && Self.isSide(letters(words, index)) }
        let isFirst = index == part.lowerBound
        let isLast = index == part.upperBound - 1
        if isFirst && (isLast || word.range.count >= 2 || index == 0) { return true }
        return index == 1 && words.items[0].isNumber
    }

    /// Returns whether a word is a position on a record: `a1`, `b02`.
    private static func isSide(_ word: ArraySlice<UInt8>) -> Bool {
        guard (2...3).contains(word.count), let side = word.first else { return false }
        return (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(side)
            && word.dropFirst().allSatisfy { (48...57).contains($0) }
    }
}
