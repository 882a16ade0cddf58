/// Numbers in words and in Roman numerals, and words with several spellings.
enum Numerals {
    static let the = WordID("the")
    static let and = WordID("and")

    /// Returns the replacement for a word. A single `x` is a numeral only after a word that counts parts.
    static func digits(_ word: WordID, after previous: WordID?) -> [UInt8]? {
        if word == UInt64(UInt8(ascii: "x")) {
            return previous.map { counted.contains($0) } ?? false ? Array("10".utf8) : nil
        }
        return spellings[word].map { texts[$0] }
    }

    private static let counted = WordSet(
        ["part", "chapter", "act", "no", "volume", "book", "mvt", "movement", "opus", "scene"].map { WordID($0) })

    private static let all: [(word: String, text: String)] = {
        let small = ones.enumerated().map { ($1, String($0 + 1)) }
        let large = tens.enumerated().map { ($1, String($0 * 10 + 20)) }
        let numerals = roman.enumerated().map { ($1, String($0 + 1)) }.filter { $0.0 != "x" }
        return small + large + numerals + others.map { ($0.key, $0.value) }
    }()

    /// Indices in `texts`, by word.
    private static let spellings = all.enumerated().reduce(into: WordTable(capacity: all.count)) { table, next in
        table.insert(WordID(next.element.word), next.offset)
    }

    private static let texts = all.map { Array($0.text.utf8) }

    private static let ones = [
        "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen",
        "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
    ]
    private static let tens = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
    private static let roman = [
        "i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii", "xiii", "xiv", "xv", "xvi", "xvii",
        "xviii", "xix", "xx",
    ]
    private static let others = [
        "pt": "part", "pts": "part", "parts": "part", "vol": "volume", "flat": "b", "sharp": "s", "nr": "no",
        "nos": "no", "movt": "mvt", "ft": "feat", "mister": "mr", "doctor": "dr", "saint": "st", "versus": "vs",
        "gray": "grey", "ver": "version",
    ]
}
