/// The form in which codes of recordings (ISO 3901) are compared and asked for.
public enum ISRC {
    /// Twelve letters and digits in capitals, without hyphens; `nil` for what is no code.
    public static func plain(_ text: String) -> String? {
        let code = text.uppercased().filter { $0 != "-" && !$0.isWhitespace }
        let letters = Array(code.utf8)
        guard letters.count == 12, letters[..<2].allSatisfy(isLetter), letters[5...].allSatisfy(isDigit),
            letters[2..<5].allSatisfy({ isLetter($0) || isDigit($0) })
        else { return nil }
        return code
    }

    private static func isLetter(_ byte: UInt8) -> Bool { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) }
    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
}
