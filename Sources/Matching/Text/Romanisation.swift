/// Normalises romanised words, so that different romanisations of one name are equal.
enum Romanisation {
    /// Appends the normalised word.
    static func normalise(_ word: ArraySlice<UInt8>, into normalised: inout [UInt8]) {
        let start = normalised.count
        var index = word.startIndex
        while index < word.endIndex {
            let (letter, length) = isVelar(word, index) ? (UInt8(ascii: "v"), 1) : sound(word, index)
            let isDouble = normalised.count > start && normalised.last == letter
            if !isDouble || (48...57).contains(letter) { append(letter, to: &normalised, from: start) }
            index += length
        }
    }

    /// Returns whether `u` stands for `v`, as in the Greek `eu` and `au`.
    private static func isVelar(_ word: ArraySlice<UInt8>, _ index: Int) -> Bool {
        guard word[index] == UInt8(ascii: "u"), index > word.startIndex else { return false }
        return word[index - 1] == UInt8(ascii: "e") || word[index - 1] == UInt8(ascii: "a")
    }

    /// Appends a letter without glides before vowels and without long vowels, which romanisations write differently.
    private static func append(_ letter: UInt8, to word: inout [UInt8], from start: Int) {
        let last = word.count > start ? word.last : nil
        if last == UInt8(ascii: "i"), "aueo".utf8.contains(letter) {
            word.removeLast()
            if word.count > start, word.last == letter { return }
        } else if last == UInt8(ascii: "o"), letter == UInt8(ascii: "u") {
            return
        }
        word.append(letter)
    }

    private static func sound(_ word: ArraySlice<UInt8>, _ index: Int) -> (letter: UInt8, length: Int) {
        let letter = word[index]
        let next = index + 1 < word.endIndex ? word[index + 1] : 0
        switch (letter, next) {
        case (UInt8(ascii: "s"), UInt8(ascii: "h")):
            return (UInt8(ascii: "s"), word[index...].starts(with: "shch".utf8) ? 4 : 2)
        case (UInt8(ascii: "s"), UInt8(ascii: "c")) where word[index...].starts(with: "sch".utf8):
            return (UInt8(ascii: "s"), 3)
        case (UInt8(ascii: "c"), UInt8(ascii: "h")): return (UInt8(ascii: "c"), 2)
        case (UInt8(ascii: "z"), UInt8(ascii: "h")): return (UInt8(ascii: "z"), 2)
        case (UInt8(ascii: "k"), UInt8(ascii: "h")): return (UInt8(ascii: "h"), 2)
        case (UInt8(ascii: "t"), UInt8(ascii: "s")): return (UInt8(ascii: "c"), 2)
        case (UInt8(ascii: "p"), UInt8(ascii: "h")): return (UInt8(ascii: "f"), 2)
        case (UInt8(ascii: "y"), _), (UInt8(ascii: "j"), _): return (UInt8(ascii: "i"), 1)
        case (UInt8(ascii: "w"), _): return (UInt8(ascii: "v"), 1)
        case (UInt8(ascii: "q"), _): return (UInt8(ascii: "k"), 1)
        default: return (letter, 1)
        }
    }
}
