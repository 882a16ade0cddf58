/// Technical words about a file, recognised by their form.
enum TechnicalWord {
    /// Returns whether a word is a bitrate, sample rate, bit depth, tempo, dynamic range or key for mixing: `320kbps`,
    /// `44khz`, `16bit`, `128bpm`, `dr11`, `8a`.
    static func isTechnical(_ word: ArraySlice<UInt8>) -> Bool {
        guard let first = word.first else { return false }
        if first == UInt8(ascii: "d") {
            return word.count <= 4 && word.starts(with: "dr".utf8) && isNumber(word.dropFirst(2))
        }
        guard isDigit(first), word.count <= 10 else { return false }
        let digits = word.prefix { isDigit($0) }
        let unit = word[digits.endIndex...]
        switch unit.count {
        case 0: return false
        case 1: return unit.first == UInt8(ascii: "k") || unit.first == UInt8(ascii: "x") || isMixingKey(digits, unit)
        // A lower frequency is a pitch, such as 432 Hz.
        case 2 where unit.elementsEqual("hz".utf8): return digits.count >= 4
        case 3 where unit.elementsEqual("bit".utf8): return isDepth(digits)
        default: return units.contains(where: { unit.elementsEqual($0.utf8) })
        }
    }

    private static func isMixingKey(_ digits: ArraySlice<UInt8>, _ unit: ArraySlice<UInt8>) -> Bool {
        guard digits.count <= 2, let letter = unit.first, letter == UInt8(ascii: "a") || letter == UInt8(ascii: "b")
        else { return false }
        return (1...12).contains(digits.reduce(0) { $0 * 10 + Int($1) - 48 })
    }

    /// Returns whether digits are a bit depth of recordings. 8 bit is a style of music.
    static func isDepth(_ digits: ArraySlice<UInt8>) -> Bool {
        ["16", "24", "32"].contains { digits.elementsEqual($0.utf8) }
    }

    /// Returns whether a word is the name of a musical key: `am`, `fsm`, `gmaj`.
    static func isKey(_ word: ArraySlice<UInt8>) -> Bool {
        guard let first = word.first, (UInt8(ascii: "a")...UInt8(ascii: "g")).contains(first) else { return false }
        var rest = word.dropFirst()
        if let sign = rest.first, sign == UInt8(ascii: "s") || sign == UInt8(ascii: "b") { rest = rest.dropFirst() }
        return rest.isEmpty || ["m", "min", "maj", "minor", "major"].contains { rest.elementsEqual($0.utf8) }
    }

    /// Returns whether a word is a catalogue number of a label: `hl003`. With a year it is a place and a date.
    static func isCatalogueNumber(_ word: ArraySlice<UInt8>) -> Bool {
        let letters = word.prefix { !isDigit($0) }
        let digits = word[letters.endIndex...]
        return (1...4).contains(letters.count) && (3...6).contains(digits.count) && isNumber(digits)
            && !(digits.count == 4 && (digits.starts(with: "19".utf8) || digits.starts(with: "20".utf8)))
    }

    private static let units = ["kbps", "kbs", "kb", "khz", "bpm", "th", "cd", "lp", "st", "nd", "rd"]

    private static func isNumber(_ word: ArraySlice<UInt8>) -> Bool { !word.isEmpty && word.allSatisfy(isDigit) }

    private static func isDigit(_ letter: UInt8) -> Bool { (48...57).contains(letter) }
}
