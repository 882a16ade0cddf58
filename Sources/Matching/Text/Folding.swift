import Foundation

/// Brings texts into a form in which two spellings of one name are equal, letter by letter. Never deletes a script.
///
/// Compatibility forms are replaced, capitals lowered, kana levelled, and the diacritics of the alphabets from Latin to
/// Arabic left out. What a letter becomes does not depend on its neighbours, so the answers are kept.
struct Folding {
    private struct Answer {
        var scalar: UInt32 = 0
        /// The first eight, the first of them lowest.
        var letters: UInt64 = 0
        /// In the pool, where more follow.
        var start: Int32 = 0
        var count: Int32 = 0
        var isMark = false
        /// Marks behind it are left out.
        var dropsMarks = false
    }

    /// A letter's answer is kept until one takes its place.
    private var answers = [Answer](repeating: Answer(), count: 2048)
    private var pool: [UInt8] = []

    /// Appends the folded text.
    mutating func fold(_ text: String, into folded: inout [UInt8]) {
        var text = text
        text.withUTF8 { fold($0, into: &folded) }
    }

    /// - Parameter bytes: UTF-8; what is none becomes a blank.
    mutating func fold(_ bytes: UnsafeBufferPointer<UInt8>, into folded: inout [UInt8]) {
        var dropsMarks = true
        var index = 0
        while index < bytes.count {
            if bytes[index] < 0x80 {
                folded.append(bytes[index])
                dropsMarks = true
                index += 1
                continue
            }
            let (scalar, length) = Self.scalar(bytes, index)
            index += length
            let answer = answer(scalar)
            if answer.isMark, dropsMarks { continue }
            if !answer.isMark { dropsMarks = answer.dropsMarks }
            if answer.count <= 8 {
                var letters = answer.letters
                for _ in 0..<answer.count {
                    folded.append(UInt8(truncatingIfNeeded: letters))
                    letters >>= 8
                }
            } else {
                folded += pool[Int(answer.start)..<Int(answer.start + answer.count)]
            }
        }
    }

    /// The letter that begins here, and how many bytes it has.
    private static func scalar(_ bytes: UnsafeBufferPointer<UInt8>, _ index: Int) -> (Unicode.Scalar, length: Int) {
        let lead = bytes[index]
        let length = lead < 0xC2 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4
        guard length > 1, index + length <= bytes.count else { return ("\u{FFFD}", 1) }
        var value = UInt32(lead) & (0x7F >> UInt32(length))
        for byte in bytes[index + 1..<index + length] {
            guard byte & 0xC0 == 0x80 else { return ("\u{FFFD}", 1) }
            value = value << 6 | UInt32(byte & 0x3F)
        }
        return (Unicode.Scalar(value) ?? "\u{FFFD}", length)
    }

    private mutating func answer(_ scalar: Unicode.Scalar) -> Answer {
        let slot = Int(scalar.value) & 2047
        if answers[slot].scalar == scalar.value { return answers[slot] }
        if pool.count > 1 << 20 { (pool, answers) = ([], [Answer](repeating: Answer(), count: 2048)) }
        let text = Array(FoldedLetter.text(scalar).utf8)
        let made = Answer(
            scalar: scalar.value, letters: text.prefix(8).reversed().reduce(0) { $0 << 8 | UInt64($1) },
            start: Int32(pool.count), count: Int32(text.count), isMark: FoldedLetter.isMark(scalar),
            dropsMarks: FoldedLetter.dropsMarks(scalar))
        if text.count > 8 { pool += text }
        answers[slot] = made
        return made
    }
}

/// What one letter becomes.
enum FoldedLetter {
    static func isMark(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.generalCategory == .nonspacingMark
    }

    /// In the scripts behind these, marks are letters of their own.
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

    /// Brackets, dashes and apostrophes become plain ones; other signs divide; invisible ones go.
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

    /// Katakana as hiragana.
    private static func kana(_ scalar: Unicode.Scalar) -> String? {
        guard (0x30A1...0x30F6).contains(scalar.value) else { return nil }
        return Unicode.Scalar(scalar.value - 0x60).map { String($0) }
    }

    /// Syllables in their letters: some systems write file names so.
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
