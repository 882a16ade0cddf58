import Foundation

/// Repairs names whose bytes were decoded with the wrong encoding.
enum Mojibake {
    /// Returns whether the bytes contain a letter that wrong decoding produces: an accented letter or a typographic
    /// sign.
    static func isPossible(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        bytes.contains { $0 == 0xC2 || $0 == 0xC3 || $0 == 0xC5 || $0 == 0xCB || $0 == 0xE2 }
    }

    /// - Returns: `nil` if the text needs no repair.
    static func repaired(_ text: String, towards legacy: LegacyEncodings?) -> String? {
        doubleEncoded(text) ?? console(text) ?? legacy.flatMap { $0.decoded(text) }
    }

    /// Repairs UTF-8 that was decoded as Windows-1252, ISO 8859-1 or Mac OS Roman, once or several times.
    private static func doubleEncoded(_ text: String) -> String? {
        guard hasPair(text) else { return nil }
        for wrong in [String.Encoding.windowsCP1252, .isoLatin1, .macOSRoman] {
            guard let bytes = text.data(using: wrong), let once = String(bytes: bytes, encoding: .utf8), once != text
            else { continue }
            return doubleEncoded(once) ?? once
        }
        return nil
    }

    /// Returns whether two letters stand side by side that can be the bytes of one letter.
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

    /// Repairs code page 850 that was decoded as Windows-1252, or the reverse: `M„dchen`, `M÷dchen`.
    private static func console(_ text: String) -> String? {
        if hasInside(text, consoleSigns) { return converted(text, .windowsCP1252, .dos850) }
        if hasInside(text, windowsSigns) { return converted(text, .dos850, .windowsCP1252) }
        return nil
    }

    private static let consoleSigns: [Unicode.Scalar] = ["„", "”", "‚", "†", "‡", "ˆ", "‰", "™", "¤", "…"]
    private static let windowsSigns: [Unicode.Scalar] = ["÷", "³", "▀", "Ú", "Þ", "Õ", "õ", "ÿ"]

    /// Returns whether one of the signs stands between letters.
    private static func hasInside(_ text: String, _ signs: [Unicode.Scalar]) -> Bool {
        var (before, sign): (Unicode.Scalar, Unicode.Scalar) = (" ", " ")
        for scalar in text.unicodeScalars {
            let isSign = sign.value >= 0x80 && signs.contains(sign)
            if isSign, scalar.properties.isLowercase, before.properties.isAlphabetic { return true }
            (before, sign) = (sign, scalar)
        }
        return false
    }

    /// Converts between encodings; `nil` if the result has other letters than Latin ones.
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
