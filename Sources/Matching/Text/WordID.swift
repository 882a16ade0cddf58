extension WordID {
    init(_ word: String) { self = Self.reading(Array(word.utf8), from: 0).id }

    /// Returns the id of the word from `start` on, and a bit for each of its letters.
    static func reading(_ letters: [UInt8], from start: Int) -> (id: WordID, used: UInt64) {
        letters.withUnsafeBufferPointer { reading(UnsafeBufferPointer(rebasing: $0[start...])) }
    }

    static func reading(_ word: UnsafeBufferPointer<UInt8>) -> (id: WordID, used: UInt64) {
        var id: WordID = word.count > 8 ? 0xCBF2_9CE4_8422_2325 : 0
        var used: UInt64 = 0
        for letter in word {
            id = word.count > 8 ? (id ^ WordID(letter)) &* 0x100_0000_01B3 : id << 8 | WordID(letter)
            used |= 1 << UInt64(letter & 63)
        }
        return (id, used)
    }

    static let year1900 = WordID(0x3139_3030)
    static let year2099 = WordID(0x3230_3939)
}
