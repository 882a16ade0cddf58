/// How alike two words are, letter by letter.
enum Closeness {
    /// How many changes a word of this many letters may show and still be the same word with typing errors.
    static func limit(length: Int) -> Int {
        switch length {
        case ..<4: 0
        case ..<9: 1
        default: 2
        }
    }

    /// The number of changes that lead from the wanted word to the written one; `nil` past `limit`.
    ///
    /// - Parameter isLoose: Any change counts, as between two romanisations. Otherwise only what fingers do: letters
    ///   swapped, doubled, left out, or hit beside the right key, and never the first. One letter more or another makes
    ///   another word far more often than a typing error.
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

/// A wanted word and what is written.
private struct WordPair {
    let wanted: UnsafeBufferPointer<UInt8>
    let written: UnsafeBufferPointer<UInt8>
    let isLoose: Bool
    /// Of the wanted word.
    let letterCount: Int

    /// The changes from these places on.
    func edits(_ start: Int, _ other: Int, _ limit: Int) -> Int? {
        var (i, j) = (start, other)
        while i < wanted.count, j < written.count, wanted[i] == written[j] { (i, j) = (i + 1, j + 1) }
        if i == wanted.count, j == written.count { return 0 }
        guard limit > 0 else { return nil }
        // Back to where the letter begins.
        while i > start, isInside(wanted, i) || isInside(written, j) { (i, j) = (i - 1, j - 1) }
        let (a, b) = (length(wanted, i), length(written, j))
        var best: Int?
        func take(_ i: Int, _ j: Int) {
            guard let rest = edits(i, j, limit - 1), rest + 1 < best ?? .max else { return }
            best = rest + 1
        }
        if isSwapped(i, j, a, b) { take(i + a + b, j + a + b) }
        if a > 0, mayLeaveOut(i, a) { take(i + a, j) }
        if b > 0, mayAdd(j, b) { take(i, j + b) }
        if a > 0, b > 0, mayReplace(i, j, a, b) { take(i + a, j + b) }
        return best
    }

    private func isInside(_ word: UnsafeBufferPointer<UInt8>, _ index: Int) -> Bool {
        index < word.count && word[index] & 0xC0 == 0x80
    }

    /// Bytes of the letter that begins here; 0 at the end.
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

    /// Letters that people take for each other by ear.
    private func soundAlike(_ a: UInt8, _ b: UInt8) -> Bool {
        let groups: [StaticString] = ["aeiouy", "ckqs", "szc", "fv", "mn", "gj", "dt", "bp"]
        return groups.contains { group in
            group.withUTF8Buffer { $0.contains(a) && $0.contains(b) }
        }
    }

    private func isDigit(_ letter: UInt8) -> Bool { (48...57).contains(letter) }
}

/// Where keys lie on the usual keyboards.
private enum Keyboard {
    static func areNeighbours(_ a: UInt8, _ b: UInt8) -> Bool {
        guard letters.contains(a), letters.contains(b) else { return false }
        return neighbours[Int(a - 97)] & 1 << UInt32(b - 97) != 0
    }

    private static let letters = UInt8(ascii: "a")...UInt8(ascii: "z")

    private static let neighbours: [UInt32] = {
        var table = [UInt32](repeating: 0, count: 26)
        let rows = ["qwertyuiop", "asdfghjkl", "zxcvbnm"].map { Array($0.utf8) }
        for (y, row) in rows.enumerated() {
            for (x, key) in row.enumerated() {
                let beside = [(y, x - 1), (y, x + 1), (y + 1, x - 1), (y + 1, x), (y - 1, x), (y - 1, x + 1)]
                for (y, x) in beside where rows.indices.contains(y) && rows[y].indices.contains(x) {
                    table[Int(key - 97)] |= 1 << UInt32(rows[y][x] - 97)
                }
            }
        }
        return table
    }()
}
