/// Tests for the script of a text.
enum Script {
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
