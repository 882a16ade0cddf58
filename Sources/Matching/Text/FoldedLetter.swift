import Foundation

/// The folded form of one letter.
enum FoldedLetter {
    static func isMark(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.generalCategory == .nonspacingMark
    }

    /// Returns whether marks after the letter are dropped. In other scripts marks are letters.
    static func dropsMarks(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value < 0x700 || (0x1E00...0x1FFF).contains(scalar.value)
    }

    static func text(_ scalar: Unicode.Scalar) -> String {
        if (0x4E00...0x9FFF).contains(scalar.value) { return String(scalar) }
        if let letters = spelledOut[scalar] { return letters }
        if let jamo = jamo(scalar) { return jamo }
        var text = ""
        for part in String(scalar).decomposedStringWithCompatibilityMapping.unicodeScalars {
            if dropsMarks(scalar), isMark(part) { continue }
            text += spelledOut[part] ?? sign(part) ?? kana(part) ?? part.properties.lowercaseMapping
        }
        return text
    }

    /// Returns the ASCII form of brackets and dashes, a space for other signs, and nothing for invisible ones.
    private static func sign(_ scalar: Unicode.Scalar) -> String? {
        if scalar.value < 0x80 { return nil }
        switch scalar.properties.generalCategory {
        case .openPunctuation: return "["
        case .closePunctuation: return "]"
        case .initialPunctuation, .finalPunctuation, .otherPunctuation, .connectorPunctuation, .spaceSeparator,
            .lineSeparator, .paragraphSeparator, .control:
            return " "
        case .dashPunctuation: return "-"
        case .format, .privateUse: return ""
        default: return nil
        }
    }

    /// Returns the hiragana for a katakana character.
    private static func kana(_ scalar: Unicode.Scalar) -> String? {
        guard (0x30A1...0x30F6).contains(scalar.value) else { return nil }
        return Unicode.Scalar(scalar.value - 0x60).map { String($0) }
    }

    /// Returns the letters of a Hangul syllable. Some systems store file names in this form.
    private static func jamo(_ scalar: Unicode.Scalar) -> String? {
        guard (0xAC00...0xD7A3).contains(scalar.value) else { return nil }
        let index = scalar.value - 0xAC00
        var parts = [0x1100 + index / 588, 0x1161 + index % 588 / 28]
        if index % 28 > 0 { parts.append(0x11A7 + index % 28) }
        var text = String.UnicodeScalarView()
        text.append(contentsOf: parts.compactMap { Unicode.Scalar($0) })
        return String(text)
    }

    private static let spelledOut: [Unicode.Scalar: String] = [
        "ß": "ss", "ẞ": "ss", "ø": "o", "Ø": "o", "ł": "l", "Ł": "l", "đ": "d", "Đ": "d", "ð": "d", "Ð": "d",
        "þ": "th", "Þ": "th", "æ": "ae", "Æ": "ae", "œ": "oe", "Œ": "oe", "ı": "i", "İ": "i", "ς": "σ",
        "ى": "ي", "ة": "ه", "×": " x ", "\u{FFFD}": " ", "´": "'", "\u{2018}": "'", "\u{2019}": "'",
        "\u{201B}": "'", "\u{02B9}": "'", "\u{02BA}": "'", "\u{02BB}": "'", "\u{02BC}": "'", "\u{02BD}": "'",
        "\u{02BE}": "'", "\u{02BF}": "'", "\u{2013}": " - ", "\u{2014}": " - ", "\u{2015}": " - ",
        "\u{2026}": " ", "\u{2044}": " ", "\u{3164}": " ",
    ]
}
