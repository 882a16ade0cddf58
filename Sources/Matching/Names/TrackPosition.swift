/// The position on a record in the name of a file: `09`, `2-09`, `209`, `Track 09`.
struct TrackPosition: Sendable, Equatable {
    /// The number of the disc; `nil` if the name contains only that of the track.
    var disc: Int?
    var track: Int

    /// - Parameters:
    ///   - words: The name of a file.
    ///   - isExplained: Whether the word at an index belongs to the wanted artist.
    /// - Returns: `nil` for a name with other words.
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

    /// Returns the number in `09`, or in `track09` as ripping programs write it.
    private static func number(_ word: ArraySlice<UInt8>, isPlain: Bool) -> Int? {
        let digits = isPlain ? word : word.starts(with: "track".utf8) ? word.dropFirst(5) : []
        guard (1...3).contains(digits.count), digits.allSatisfy({ (48...57).contains($0) }) else { return nil }
        return digits.reduce(0) { $0 * 10 + Int($1) - 48 }
    }
}
