import Foundation

/// Brings texts into forms in which two spellings of one name are equal. No form ever deletes a script.
enum Normalizer {
    /// Compatibility-composed, case-folded, without the diacritics of Latin, Greek and Cyrillic.
    static func folded(_ text: String) -> String {
        var folded = String.UnicodeScalarView()
        var isPlainBase = true
        for scalar in repaired(text).decomposedStringWithCompatibilityMapping.unicodeScalars {
            if scalar.properties.generalCategory == .nonspacingMark {
                if !isPlainBase { folded.append(scalar) }
                continue
            }
            isPlainBase = scalar.value < 0x530
            if let letters = spelledOut[scalar] {
                folded.append(contentsOf: letters.unicodeScalars)
            } else {
                folded.append(contentsOf: scalar.properties.lowercaseMapping.unicodeScalars)
            }
        }
        return String(folded).precomposedStringWithCanonicalMapping
    }

    /// Written in Latin letters without diacritics; what no transliteration knows stays as it is.
    static func latin(_ text: String) -> String {
        guard !text.utf8.allSatisfy({ $0 < 0x80 }) else { return text }
        return (text.applyingTransform(.toLatin, reverse: false) ?? text).filter { !"ʹʺʻʼ'’".contains($0) }
    }

    /// Whether a text has letters that are not Latin.
    static func isForeign(_ text: String) -> Bool {
        text.unicodeScalars.contains { $0.value >= 0x370 && $0.properties.isAlphabetic && !isLatin($0) }
    }

    private static func isLatin(_ scalar: Unicode.Scalar) -> Bool {
        (0x1E00...0x1EFF).contains(scalar.value) || (0xFF21...0xFF5A).contains(scalar.value)
            || (0x2100...0x218F).contains(scalar.value)
    }

    /// UTF-8 that was read as Latin-1 somewhere on its way, put right.
    private static func repaired(_ text: String) -> String {
        // The letters that the first bytes of two- and three-byte characters turn into.
        let isSuspect = text.unicodeScalars.contains { [0xC3, 0xC5, 0xD0, 0xD1, 0xE2, 0xE3].contains($0.value) }
        guard isSuspect, let bytes = text.data(using: .windowsCP1252) else { return text }
        return String(bytes: bytes, encoding: .utf8) ?? text
    }

    private static let spelledOut: [Unicode.Scalar: String] = [
        "ß": "ss", "ẞ": "ss", "ø": "o", "Ø": "o", "ł": "l", "Ł": "l", "đ": "d", "Đ": "d", "ð": "d", "Ð": "d",
        "þ": "th", "Þ": "th", "æ": "ae", "Æ": "ae", "œ": "oe", "Œ": "oe", "ı": "i", "İ": "i", "ς": "σ",
    ]
}
