/// A hash table from words to numbers, for the lookup of every word of every name.
struct WordTable: Sendable {
    private var keys: [WordID]
    private var values: [Int32]
    private var count = 0

    /// - Parameter capacity: The number of entries that fit without growing.
    init(capacity: Int = 32) {
        var size = 64
        while size < capacity * 2 { size *= 2 }
        keys = [WordID](repeating: 0, count: size)
        values = [Int32](repeating: -1, count: size)
    }

    /// Returns the number of a word; `nil` if it is not in the table. The empty word is never in it.
    subscript(_ word: WordID) -> Int? {
        var slot = Self.slot(word, keys.count)
        while keys[slot] != 0 {
            if keys[slot] == word { return Int(values[slot]) }
            slot = (slot + 1) & (keys.count - 1)
        }
        return nil
    }

    mutating func insert(_ word: WordID, _ value: Int) {
        guard word != 0, let value = Int32(exactly: value) else { return }
        if count * 2 >= keys.count { grow() }
        var slot = Self.slot(word, keys.count)
        while keys[slot] != 0, keys[slot] != word { slot = (slot + 1) & (keys.count - 1) }
        if keys[slot] == 0 { count += 1 }
        (keys[slot], values[slot]) = (word, value)
    }

    private mutating func grow() {
        var larger = WordTable(capacity: keys.count)
        for (slot, word) in keys.enumerated() where word != 0 { larger.insert(word, Int(values[slot])) }
        self = larger
    }

    private static func slot(_ word: WordID, _ size: Int) -> Int {
        Int(truncatingIfNeeded: (word &* 0x9E37_79B9_7F4A_7C15) >> 32) & (size - 1)
    }
}
