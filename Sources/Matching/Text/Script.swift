/// Tests for the script of a text.
enum Script {
    /// The scripts besides Latin whose names are compared letter by letter.
    struct Letters: OptionSet, Sendable {
        let rawValue: UInt16

        static let greek = Self(rawValue: 1 << 0)
        static let cyrillic = Self(rawValue: 1 << 1)
        static let hebrew = Self(rawValue: 1 << 2)
        static let arabic = Self(rawValue: 1 << 3)
        static let indic = Self(rawValue: 1 << 4)
        static let thai = Self(rawValue: 1 << 5)
        static let kana = Self(rawValue: 1 << 6)
        static let han = Self(rawValue: 1 << 7)
        static let hangul = Self(rawValue: 1 << 8)
        static let caucasian = Self(rawValue: 1 << 9)
    }

    /// Returns the scripts of a text in UTF-8.
    static func letters(_ text: ArraySlice<UInt8>) -> Letters {
        var scripts: Letters = []
        var index = text.startIndex
        while index < text.endIndex {
            let lead = UInt32(text[index])
            let length = lead < 0xC2 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4
            if length == 2 || length == 3, index + length <= text.endIndex {
                let rest = text[index + 1..<index + length]
                scripts.formUnion(letters(rest.reduce(lead & (0x7F >> UInt32(length))) { $0 << 6 | UInt32($1 & 0x3F) }))
            }
            index += length
        }
        return scripts
    }

    private static func letters(_ scalar: UInt32) -> Letters {
        switch scalar {
        case 0x370...0x3FF, 0x1F00...0x1FFF: .greek
        case 0x400...0x52F: .cyrillic
        case 0x530...0x58F, 0x10A0...0x10FF: .caucasian
        case 0x590...0x5FF: .hebrew
        case 0x600...0x77F: .arabic
        case 0x900...0xDFF: .indic
        case 0xE00...0xE7F: .thai
        case 0x3041...0x30FF: .kana
        case 0x3400...0x9FFF: .han
        case 0x1100...0x11FF, 0xAC00...0xD7A3: .hangul
        default: []
        }
    }

    /// Returns whether a text has letters that are not Latin.
    static func isForeign(_ text: String) -> Bool {
        text.unicodeScalars.contains { $0.value >= 0x370 && $0.properties.isAlphabetic && !isLatin($0) }
    }

    /// Returns whether a scalar is a Han character.
    static func isHan(_ scalar: Unicode.Scalar) -> Bool { (0x3400...0x9FFF).contains(scalar.value) }

    private static func isLatin(_ scalar: Unicode.Scalar) -> Bool {
        (0x1E00...0x1EFF).contains(scalar.value) || (0xFF21...0xFF5A).contains(scalar.value)
            || (0x2100...0x218F).contains(scalar.value)
    }
}
