import Foundation

/// Folds text, so that two spellings of a name have equal letters. It never removes a script.
///
/// Compatibility forms are replaced, capitals become small letters, katakana becomes hiragana, and the diacritics of
/// the alphabets from Latin to Arabic are dropped. The result for a letter does not depend on its neighbours and is
/// cached.
struct Folding {
    private struct Result {
        var scalar: UInt32 = 0
        /// The first eight bytes, the first one in the lowest byte.
        var letters: UInt64 = 0
        /// The start in the pool, for more than eight bytes.
        var start: Int32 = 0
        var count: Int32 = 0
        var isMark = false
        /// Whether marks after the letter are dropped.
        var dropsMarks = false
    }

    /// The cache. Each slot has the result for one letter.
    private var results = [Result](repeating: Result(), count: 2048)
    private var pool: [UInt8] = []

    /// Appends the folded text.
    mutating func fold(_ text: String, into folded: inout [UInt8]) {
        var text = text
        text.withUTF8 { fold($0, into: &folded) }
    }

    /// - Parameter bytes: UTF-8. Invalid bytes become a space.
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
            let result = result(scalar)
            if result.isMark, dropsMarks { continue }
            if !result.isMark { dropsMarks = result.dropsMarks }
            if result.count <= 8 {
                var letters = result.letters
                for _ in 0..<result.count {
                    folded.append(UInt8(truncatingIfNeeded: letters))
                    letters >>= 8
                }
            } else {
                folded += pool[Int(result.start)..<Int(result.start + result.count)]
            }
        }
    }

    /// Returns the scalar at an index with its number of bytes.
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

    private mutating func result(_ scalar: Unicode.Scalar) -> Result {
        let slot = Int(scalar.value) & 2047
        if results[slot].scalar == scalar.value { return results[slot] }
        if pool.count > 1 << 20 { (pool, results) = ([], [Result](repeating: Result(), count: 2048)) }
        let text = Array(FoldedLetter.text(scalar).utf8)
        let made = Result(
            scalar: scalar.value, letters: text.prefix(8).reversed().reduce(0) { $0 << 8 | UInt64($1) },
            start: Int32(pool.count), count: Int32(text.count), isMark: FoldedLetter.isMark(scalar),
            dropsMarks: FoldedLetter.dropsMarks(scalar))
        if text.count > 8 { pool += text }
        results[slot] = made
        return made
    }
}
