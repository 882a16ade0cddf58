/// Strings, numbers and words.
extension JSONScanner {
    /// Reads a string from its opening to its closing quote.
    /// - Returns: whether it has escapes.
    mutating func scanString() throws(ContractViolation) -> Bool {
        var hasEscapes = false
        var next = position + 1
        while next < bytes.count {
            let byte = bytes[next]
            // Most bytes are ASCII without a meaning. These comparisons are fast in debug builds, too.
            if byte >= 0x20, byte < 0x80, byte != 0x22, byte != 0x5C {
                next += 1
                continue
            }
            switch byte {
            case UInt8(ascii: "\""):
                position = next + 1
                return hasEscapes
            case UInt8(ascii: "\\"):
                position = next
                try scanEscape()
                next = position
                hasEscapes = true
            case 0x80...:
                guard let length = lengthOfCharacter(at: next) else { throw violation("is not valid UTF-8") }
                next += length
            default:
                throw malformed
            }
        }
        throw malformed
    }

    /// Returns the length of the UTF-8 sequence at a byte that is not ASCII; `nil` if it is not valid.
    private func lengthOfCharacter(at start: Int) -> Int? {
        // The second byte excludes overlong forms, surrogates and numbers above U+10FFFF.
        let (length, second): (Int, ClosedRange<UInt8>)
        switch bytes[start] {
        case 0xC2...0xDF: (length, second) = (2, 0x80...0xBF)
        case 0xE0: (length, second) = (3, 0xA0...0xBF)
        case 0xED: (length, second) = (3, 0x80...0x9F)
        case 0xE1...0xEF: (length, second) = (3, 0x80...0xBF)
        case 0xF0: (length, second) = (4, 0x90...0xBF)
        case 0xF1...0xF3: (length, second) = (4, 0x80...0xBF)
        case 0xF4: (length, second) = (4, 0x80...0x8F)
        default: return nil
        }
        guard start + length <= bytes.count, second.contains(bytes[start + 1]) else { return nil }
        for index in start + 2..<start + length where bytes[index] & 0xC0 != 0x80 { return nil }
        return length
    }

    private mutating func scanEscape() throws(ContractViolation) {
        guard position + 1 < bytes.count else { throw malformed }
        switch bytes[position + 1] {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            position += 2
        case UInt8(ascii: "u"):
            guard JSONEscape.unit(in: bytes, at: position) != nil else { throw malformed }
            guard let escape = JSONEscape(in: bytes, at: position) else {
                throw violation("contains half of a surrogate pair")
            }
            position += escape.length
        default:
            throw malformed
        }
    }

    mutating func scanWord(_ word: StaticString) throws(ContractViolation) {
        for index in 0..<word.utf8CodeUnitCount {
            guard take(word.utf8Start[index]) else { throw malformed }
        }
    }

    mutating func scanNumber() throws(ContractViolation) {
        _ = take(UInt8(ascii: "-"))
        if !take(UInt8(ascii: "0")) { try scanDigits() }
        if take(UInt8(ascii: ".")) { try scanDigits() }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            _ = take(UInt8(ascii: "+")) || take(UInt8(ascii: "-"))
            try scanDigits()
        }
    }

    private mutating func scanDigits() throws(ContractViolation) {
        let start = position
        while position < bytes.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[position]) {
            position += 1
        }
        guard position > start else { throw malformed }
    }

    mutating func skipWhiteSpace() {
        while position < bytes.count {
            let byte = bytes[position]
            guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return }
            position += 1
        }
    }

    mutating func take(_ byte: UInt8) -> Bool {
        guard position < bytes.count, bytes[position] == byte else { return false }
        position += 1
        return true
    }
}
