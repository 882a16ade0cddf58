/// Counts the typing errors between two words.
enum EditDistance {
    /// Returns the maximum number of changes between two spellings of a word with this many letters.
    static func limit(length: Int) -> Int {
        switch length {
        case ..<4: 0
        case ..<9: 1
        default: 2
        }
    }

    /// Returns the number of changes from the wanted word to the written one; `nil` above `limit`.
    ///
    /// - Parameter isLoose: Whether every change is permitted, as between two romanisations. Otherwise only typing
    ///   errors are permitted: swapped, doubled, missing or neighbouring letters, and never in the first letter. Most
    ///   words that differ in another way are different words.
    static func edits(_ wanted: ArraySlice<UInt8>, _ written: ArraySlice<UInt8>, limit: Int, isLoose: Bool) -> Int? {
        guard abs(wanted.count - written.count) <= limit * 3 else { return nil }
        return wanted.withUnsafeBufferPointer { wanted in
            written.withUnsafeBufferPointer { written in
                let pair = WordPair(
                    wanted: wanted, written: written, isLoose: isLoose,
                    letterCount: wanted.count { $0 & 0xC0 != 0x80 })
                return pair.edits(0, 0, limit)
            }
        }
    }
}

/// A wanted word and a written one.
private struct WordPair {
    let wanted: UnsafeBufferPointer<UInt8>
    let written: UnsafeBufferPointer<UInt8>
    let isLoose: Bool
    /// The number of letters of the wanted word.
    let letterCount: Int

    /// Returns the number of changes from these positions on.
    func edits(_ start: Int, _ other: Int, _ limit: Int) -> Int? {
        var (i, j) = (start, other)
        while i < wanted.count, j < written.count, wanted[i] == written[j] { (i, j) = (i + 1, j + 1) }
        if i == wanted.count, j == written.count { return 0 }
        guard limit > 0 else { return nil }
        // Move to the beginning of the letter.
        while i > start, isInside(wanted, i) || isInside(written, j) { (i, j) = (i - 1, j - 1) }
        let (a, b) = (length(wanted, i), length(written, j))
        var best: Int?
        func consider(_ i: Int, _ j: Int) {
            guard let rest = edits(i, j, limit - 1), rest + 1 < best ?? .max else { return }
            best = rest + 1
        }
        if isSwapped(i, j, a, b) { consider(i + a + b, j + a + b) }
        if a > 0, mayLeaveOut(i, a) { consider(i + a, j) }
        if b > 0, mayAdd(j, b) { consider(i, j + b) }
        if a > 0, b > 0, mayReplace(i, j, a, b) { consider(i + a, j + b) }
        return best
    }

    private func isInside(_ word: UnsafeBufferPointer<UInt8>, _ index: Int) -> Bool {
        index < word.count && word[index] & 0xC0 == 0x80
    }

    /// Returns the number of bytes of the letter at an index; 0 at the end.
    private func length(_ word: UnsafeBufferPointer<UInt8>, _ index: Int) -> Int {
        guard index < word.count else { return 0 }
        switch word[index] {
        case ..<0xC0: return 1
        case ..<0xE0: return min(2, word.count - index)
        case ..<0xF0: return min(3, word.count - index)
        default: return min(4, word.count - index)
        }
    }

    private func isSwapped(_ i: Int, _ j: Int, _ a: Int, _ b: Int) -> Bool {
        guard a > 0, b > 0, i + a + b <= wanted.count, j + a + b <= written.count, isLoose || i > 0 else {
            return false
        }
        guard !isDigit(wanted[i]), !isDigit(written[j]) else { return false }
        return equal(i, j + b, a) && equal(i + a, j, b)
    }

    private func equal(_ i: Int, _ j: Int, _ count: Int) -> Bool {
        (0..<count).allSatisfy { wanted[i + $0] == written[j + $0] }
    }

    private func mayLeaveOut(_ i: Int, _ length: Int) -> Bool {
        guard !isDigit(wanted[i]) else { return false }
        if isLoose { return true }
        guard i > 0 else { return false }
        let isDouble = length == 1 && wanted[i] == wanted[i - 1]
        return isDouble || letterCount >= 5 && i + length < wanted.count
    }

    private func mayAdd(_ j: Int, _ length: Int) -> Bool {
        guard !isDigit(written[j]) else { return false }
        if isLoose { return true }
        guard length == 1, j > 0 else { return false }
        let next = j + 1 < written.count ? written[j + 1] : 0
        if written[j] == written[j - 1] || written[j] == next { return true }
        return letterCount >= 5 && j + 1 < written.count
            && (Keyboard.areNeighbours(written[j], written[j - 1]) || Keyboard.areNeighbours(written[j], next))
    }

    private func mayReplace(_ i: Int, _ j: Int, _ a: Int, _ b: Int) -> Bool {
        guard !isDigit(wanted[i]), !isDigit(written[j]) else { return false }
        if isLoose { return true }
        guard i > 0, a == 1, b == 1, letterCount >= 5 else { return false }
        return Keyboard.areNeighbours(wanted[i], written[j]) || letterCount >= 7 && soundAlike(wanted[i], written[j])
    }

    /// Returns whether two letters sound alike.
    private func soundAlike(_ a: UInt8, _ b: UInt8) -> Bool {
        let groups: [StaticString] = ["aeiouy", "ckqs", "szc", "fv", "mn", "gj", "dt", "bp"]
        return groups.contains { group in
            group.withUTF8Buffer { $0.contains(a) && $0.contains(b) }
        }
    }

    private func isDigit(_ letter: UInt8) -> Bool { (48...57).contains(letter) }
}
