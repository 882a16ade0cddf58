/// Levels what romanisations of one name differ in: soft and long sounds, and letters for sounds that Latin lacks.
enum Romanisation {
    static func levelled(_ word: ArraySlice<UInt8>) -> [UInt8] {
        var levelled: [UInt8] = []
        levelled.reserveCapacity(word.count)
        var index = word.startIndex
        while index < word.endIndex {
            let (letter, length) = sound(word[index...])
            if levelled.last != letter || (48...57).contains(letter) { append(letter, to: &levelled) }
            index += length
        }
        return levelled
    }

    /// A glide before a vowel, and the length of a vowel, are written or not.
    private static func append(_ letter: UInt8, to word: inout [UInt8]) {
        if word.last == UInt8(ascii: "i"), "aueo".utf8.contains(letter) {
            word.removeLast()
            if word.last == letter { return }
        } else if word.last == UInt8(ascii: "o"), letter == UInt8(ascii: "u") {
            return
        }
        word.append(letter)
    }

    private static func sound(_ rest: ArraySlice<UInt8>) -> (letter: UInt8, length: Int) {
        for (letters, letter) in pairs where rest.starts(with: letters) { return (letter, letters.count) }
        switch rest.first {
        case UInt8(ascii: "y"), UInt8(ascii: "j"): return (UInt8(ascii: "i"), 1)
        case UInt8(ascii: "w"): return (UInt8(ascii: "v"), 1)
        default: return (rest.first ?? 0, 1)
        }
    }

    private static let pairs: [([UInt8], UInt8)] = [
        ("shch", "s"), ("sch", "s"), ("sh", "s"), ("ch", "c"), ("zh", "z"), ("kh", "h"), ("ts", "c"),
    ].map { (Array($0.0.utf8), Array($0.1.utf8)[0]) }
}
