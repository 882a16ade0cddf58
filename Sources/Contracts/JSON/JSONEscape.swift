/// An escape of a JSON string: the character that it stands for, and its length in bytes.
struct JSONEscape {
    var character: Unicode.Scalar
    var length: Int

    /// Reads the escape at a backslash; `nil` if it is not one, or half of a surrogate pair.
    init?(in bytes: [UInt8], at start: Int) {
        guard start + 1 < bytes.count else { return nil }
        switch bytes[start + 1] {
        case UInt8(ascii: "u"):
            self.init(unicode: bytes, at: start)
        case UInt8(ascii: "b"): self.init("\u{8}")
        case UInt8(ascii: "f"): self.init("\u{C}")
        case UInt8(ascii: "n"): self.init("\n")
        case UInt8(ascii: "r"): self.init("\r")
        case UInt8(ascii: "t"): self.init("\t")
        case let byte: self.init(Unicode.Scalar(byte))
        }
    }

    private init(_ character: Unicode.Scalar) {
        self.character = character
        length = 2
    }

    private init?(unicode bytes: [UInt8], at start: Int) {
        guard let first = Self.unit(in: bytes, at: start) else { return nil }
        if let character = Unicode.Scalar(first) {
            self.character = character
            length = 6
            return
        }
        guard first < 0xDC00, let second = Self.unit(in: bytes, at: start + 6), (0xDC00...0xDFFF).contains(second),
            let character = Unicode.Scalar(0x10000 + (UInt32(first - 0xD800) << 10 | UInt32(second - 0xDC00)))
        else { return nil }
        self.character = character
        length = 12
    }

    /// Returns the UTF-16 unit of `\uXXXX`; `nil` if there is no such escape.
    static func unit(in bytes: [UInt8], at start: Int) -> UInt16? {
        guard start + 6 <= bytes.count, bytes[start] == UInt8(ascii: "\\"), bytes[start + 1] == UInt8(ascii: "u")
        else { return nil }
        var unit: UInt16 = 0
        for byte in bytes[start + 2..<start + 6] {
            guard let digit = Self.hexadecimal(byte) else { return nil }
            unit = unit << 4 | digit
        }
        return unit
    }

    private static func hexadecimal(_ byte: UInt8) -> UInt16? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt16(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt16(byte - UInt8(ascii: "a")) + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt16(byte - UInt8(ascii: "A")) + 10
        default: nil
        }
    }
}
