/// Where on a record a file says it belongs: `09`, `2-09`, `209`, `Track 09`.
struct RecordPlace: Sendable, Equatable {
    /// `nil` where only the track is named.
    var disc: Int?
    var track: Int

    /// - Parameters:
    ///   - words: A file's name.
    ///   - isExplained: Whether the word at this place belongs to the wanted artist.
    /// - Returns: `nil` for a name that says anything else.
    init?(_ words: Words, _ isExplained: (Int) -> Bool) {
        var numbers: [Int] = []
        for index in words.items.indices where !isExplained(index) {
            let word = words.items[index]
            if let number = Self.number(words.letters[word.range], isPlain: word.isNumber) {
                numbers.append(number)
            } else if !word.entry.kinds.contains(.counter) {
                return nil
            }
        }
        guard let last = numbers.last, numbers.count <= 2 else { return nil }
        let isJoined = numbers.count == 1 && last > 100
        track = isJoined ? last % 100 : last
        disc = isJoined ? last / 100 : numbers.count == 2 ? numbers.first : nil
    }

    /// `09`, and `track09` as programs name what they copy.
    private static func number(_ word: ArraySlice<UInt8>, isPlain: Bool) -> Int? {
        let digits = isPlain ? word : word.starts(with: "track".utf8) ? word.dropFirst(5) : []
        guard (1...3).contains(digits.count), digits.allSatisfy({ (48...57).contains($0) }) else { return nil }
        return digits.reduce(0) { $0 * 10 + Int($1) - 48 }
    }
}
