import Foundation

/// Puts names right whose bytes somebody read in the wrong encoding.
enum Mojibake {
    /// Whether there is a letter of those that misread bytes turn into: Latin with accents, or a printer's sign.
    static func isPossible(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        bytes.contains { $0 == 0xC2 || $0 == 0xC3 || $0 == 0xC5 || $0 == 0xCB || $0 == 0xE2 }
    }

    /// - Returns: `nil` where nothing needs repair.
    static func repaired(_ text: String, towards legacy: LegacyEncodings?) -> String? {
        doubleEncoded(text) ?? console(text) ?? legacy.flatMap { $0.decoded(text) }
    }

    /// UTF-8 that was read as Windows' Latin or the Macintosh's encoding, once or twice.
    private static func doubleEncoded(_ text: String) -> String? {
        guard hasPair(text) else { return nil }
        for wrong in [String.Encoding.windowsCP1252, .isoLatin1, .macOSRoman] {
            guard let bytes = text.data(using: wrong), let once = String(bytes: bytes, encoding: .utf8), once != text
            else { continue }
            return doubleEncoded(once) ?? once
        }
        return nil
    }

    /// A letter of several bytes turns into several: they stand side by side.
    private static func hasPair(_ text: String) -> Bool {
        var last: UInt32 = 0
        for scalar in text.unicodeScalars {
            let isSecond = (0x80..<0x180).contains(scalar.value) || (0x2C6..<0x2300).contains(scalar.value)
            let isFirst = (0xC2...0xF4).contains(last) || last == 0x221A
            if isFirst, isSecond { return true }
            last = scalar.value
        }
        return false
    }

    /// A console's encoding that was read as Windows', or the other way about: `M„dchen`, `M÷dchen`.
    private static func console(_ text: String) -> String? {
        if hasInside(text, consoleSigns) { return converted(text, .windowsCP1252, .dos850) }
        if hasInside(text, windowsSigns) { return converted(text, .dos850, .windowsCP1252) }
        return nil
    }

    private static let consoleSigns: [Unicode.Scalar] = ["„", "”", "‚", "†", "‡", "ˆ", "‰", "™", "¤", "…"]
    private static let windowsSigns: [Unicode.Scalar] = ["÷", "³", "▀", "Ú", "Þ", "Õ", "õ", "ÿ"]

    /// Whether one of the signs stands between letters.
    private static func hasInside(_ text: String, _ signs: [Unicode.Scalar]) -> Bool {
        var (before, sign): (Unicode.Scalar, Unicode.Scalar) = (" ", " ")
        for scalar in text.unicodeScalars {
            let isSign = sign.value >= 0x80 && signs.contains(sign)
            if isSign, scalar.properties.isLowercase, before.properties.isAlphabetic { return true }
            (before, sign) = (sign, scalar)
        }
        return false
    }

    /// Only where all that comes out are letters of the Latin alphabet.
    private static func converted(_ text: String, _ wrong: String.Encoding, _ right: String.Encoding) -> String? {
        guard let bytes = text.data(using: wrong), let result = String(bytes: bytes, encoding: right) else {
            return nil
        }
        let isLatin = result.unicodeScalars.allSatisfy {
            $0.value < 0x80 || (0xC0...0x17F).contains($0.value) && $0.properties.isAlphabetic
        }
        return isLatin ? result : nil
    }
}

/// The encodings in which the scripts of a wish were written before there was one for all.
struct LegacyEncodings: Sendable {
    private let scripts: ClosedRange<UInt32>
    private let encodings: [String.Encoding]

    /// - Returns: `nil` for a text in Latin letters, or in a script of no such encoding.
    init?(script text: String) {
        for (scripts, encodings) in Self.table
        where text.unicodeScalars.contains(where: { scripts.contains($0.value) }) {
            (self.scripts, self.encodings) = (scripts, encodings)
            return
        }
        return nil
    }

    /// A name that is Windows' Latin letters throughout and makes sense in another encoding; `nil` otherwise.
    func decoded(_ text: String) -> String? {
        let letters = text.unicodeScalars.filter { $0.value >= 0x80 }
        guard letters.count > 2, letters.allSatisfy({ isWindows($0.value) }) else { return nil }
        guard let bytes = text.data(using: .windowsCP1252) ?? text.data(using: .isoLatin1) else { return nil }
        for encoding in encodings {
            guard let result = String(bytes: bytes, encoding: encoding) else { continue }
            let foreign = result.unicodeScalars.filter { $0.value >= 0x80 }
            if foreign.count(where: { scripts.contains($0.value) }) * 10 >= foreign.count * 9 { return result }
        }
        return nil
    }

    private func isWindows(_ letter: UInt32) -> Bool { letter < 0x300 || (0x2000...0x2122).contains(letter) }

    private static let table: [(ClosedRange<UInt32>, [String.Encoding])] = [
        (0x3040...0x30FF, [.shiftJIS, .japaneseEUC]), (0xAC00...0xD7A3, [.korean]),
        (0x400...0x4FF, [.windowsCP1251, .koi8]), (0x370...0x3FF, [.windowsCP1253]), (0x590...0x5FF, [.hebrew]),
        (0x600...0x6FF, [.arabic]), (0x4E00...0x9FFF, [.chinese, .big5]),
    ]
}

extension String.Encoding {
    fileprivate static let dos850 = Self(rawValue: 0x8000_0410)
    fileprivate static let koi8 = Self(rawValue: 0x8000_0A02)
    fileprivate static let hebrew = Self(rawValue: 0x8000_0505)
    fileprivate static let arabic = Self(rawValue: 0x8000_0506)
    fileprivate static let chinese = Self(rawValue: 0x8000_0632)
    fileprivate static let big5 = Self(rawValue: 0x8000_0A03)
    fileprivate static let korean = Self(rawValue: 0x8000_0940)
}
