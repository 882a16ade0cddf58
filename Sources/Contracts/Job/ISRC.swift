/// A well-formed International Standard Recording Code (ISO 3901): two letters, three letters or digits, seven digits.
///
/// Only a well-formed code identifies a recording. Lists and tags often hold a placeholder instead, such as `N/A` or
/// `-`. Every comparison of codes uses this type; a text that is not a code equals nothing.
public struct ISRC: Sendable, Hashable, CustomStringConvertible {
    /// The code as twelve capital letters and digits, without separators.
    public let text: String

    /// Reads a code in any case, with or without separators (hyphens, dots, white space …); `nil` if the text is not a
    /// code.
    public init?(_ text: String) {
        let code = text.filter { !$0.isPunctuation && !$0.isWhitespace }
        // Before the change of case, which makes ASCII letters of some others.
        guard code.utf8.count == 12, code.utf8.allSatisfy({ $0 < 0x80 }) else { return nil }
        self.text = code.uppercased()
        let symbols = Array(self.text.utf8)
        guard symbols[..<2].allSatisfy(Self.isLetter), symbols[5...].allSatisfy(Self.isDigit),
            symbols[2..<5].allSatisfy({ Self.isLetter($0) || Self.isDigit($0) })
        else { return nil }
    }

    public var description: String { text }

    private static func isLetter(_ byte: UInt8) -> Bool { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) }
    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
}
