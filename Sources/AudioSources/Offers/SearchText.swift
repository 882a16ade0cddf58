import Foundation

/// Normalises stored texts and queries in the same way, so that they can be compared.
///
/// The full-text index folds case and diacritics itself. This type handles the rest: letters without a separable
/// diacritic, apostrophes within words, and scripts without spaces. Each character of these scripts becomes a word, so
/// that a phrase finds any part of a text.
enum SearchText {
    private static let replacements: [Character: String] = [
        "ø": "o", "Ø": "o", "ß": "ss", "ẞ": "ss", "æ": "ae", "Æ": "ae", "œ": "oe", "Œ": "oe", "ł": "l", "Ł": "l",
        "đ": "d", "Đ": "d", "ð": "d", "Ð": "d", "þ": "th", "Þ": "th", "ı": "i", "&": " and ",
        "'": "", "’": "", "‘": "", "ʼ": "", "`": "", "´": "",
    ]

    /// Returns the text in the form that is stored.
    static func indexed(_ text: String) -> String {
        words(text).map(\.spaced).joined(separator: " ")
    }

    /// Returns the words of a text in order. A run of characters of a script without spaces is one word.
    static func words(_ text: String) -> [Word] {
        let folded = text.reduce(into: "") { $0 += replacements[$1] ?? String($1) }
            .precomposedStringWithCompatibilityMapping
        var words: [Word] = []
        var current: Word?
        for character in folded {
            let kind = Word.Kind(character)
            if kind != current?.kind {
                if let current { words.append(current) }
                current = kind.map { Word(kind: $0, text: "") }
            }
            current?.text.append(character)
        }
        if let current { words.append(current) }
        return words
    }

    struct Word: Equatable {
        enum Kind {
            case spaced, unspaced

            init?(_ character: Character) {
                guard let scalar = character.unicodeScalars.first, Self.isPartOfWord(scalar) else { return nil }
                self = Self.isUnspaced(scalar.value) ? .unspaced : .spaced
            }

            private static func isPartOfWord(_ scalar: Unicode.Scalar) -> Bool {
                switch scalar.properties.generalCategory {
                case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter,
                    .decimalNumber, .letterNumber, .otherNumber, .nonspacingMark, .spacingMark:
                    true
                default: false
                }
            }

            /// Thai, Lao, Burmese, Khmer, Japanese, Chinese, Korean.
            private static func isUnspaced(_ value: UInt32) -> Bool {
                switch value {
                case 0x0E00...0x0EFF, 0x1000...0x109F, 0x1780...0x17FF, 0x3040...0x30FF, 0x3400...0x9FFF,
                    0xAC00...0xD7AF, 0xF900...0xFAFF, 0x20000...0x3FFFF:
                    true
                default: false
                }
            }
        }

        let kind: Kind
        var text: String

        /// The word with spaces where the index must split it.
        var spaced: String {
            kind == .spaced ? text : text.map(String.init).joined(separator: " ")
        }

        /// The word as a phrase in the query language of the index.
        var phrase: String { "\"\(spaced)\"" }

        /// The word as a phrase; for scripts without spaces a phrase for each pair of characters.
        var parts: [String] {
            guard kind == .unspaced, text.count > 2 else { return [phrase] }
            return zip(text, text.dropFirst()).map { "\"\($0) \($1)\"" }
        }
    }
}
