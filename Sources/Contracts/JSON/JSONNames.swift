/// The names of the objects that a scanner has not closed yet.
struct JSONNames {
    private struct Name {
        /// The bytes without quotes and escapes, in the document or in ``JSONNames/unescaped``.
        var range: Range<Int>
        var isUnescaped: Bool
        /// Names that differ rarely have the same one.
        var fingerprint: UInt64
    }

    /// The number of names up to which each is compared with each, which is faster than a table.
    private static let fewNames = 16

    private var names: [Name] = []
    /// The text of the names that have escapes in the document.
    private var unescaped: [UInt8] = []

    var count: Int { names.count }

    mutating func append(_ range: Range<Int>, hasEscapes: Bool, of bytes: [UInt8]) {
        guard hasEscapes else {
            names.append(
                Name(range: range, isUnescaped: false, fingerprint: Self.fingerprint(of: range, in: bytes)))
            return
        }
        let start = unescaped.count
        var position = range.lowerBound
        while position < range.upperBound {
            if bytes[position] == UInt8(ascii: "\\"), let escape = JSONEscape(in: bytes, at: position) {
                unescaped.append(contentsOf: Array(String(Character(escape.character)).utf8))
                position += escape.length
            } else {
                unescaped.append(bytes[position])
                position += 1
            }
        }
        let text = start..<unescaped.count
        names.append(Name(range: text, isUnescaped: true, fingerprint: Self.fingerprint(of: text, in: unescaped)))
    }

    mutating func removeAll(from first: Int) {
        for name in names[first...] where name.isUnescaped {
            unescaped.removeSubrange(name.range.lowerBound...)
            break
        }
        names.removeSubrange(first...)
    }

    /// Returns a name as text.
    func text(at index: Int, in bytes: [UInt8]) -> String { String(decoding: text(names[index], bytes), as: UTF8.self) }

    /// Returns a name, from `first` on, that occurs twice; `nil` if there is none.
    func duplicate(from first: Int, in bytes: [UInt8]) -> Int? {
        guard names.count - first > Self.fewNames else {
            for later in names.indices[first...].dropFirst() {
                for earlier in first..<later where isEqual(earlier, later, bytes) { return later }
            }
            return nil
        }
        // The keys of a dictionary are hashed with a random seed: no document makes this slow.
        var earlier: [ArraySlice<UInt8>: Int] = [:]
        earlier.reserveCapacity(names.count - first)
        for index in names.indices[first...] where earlier.updateValue(index, forKey: text(names[index], bytes)) != nil
        {
            return index
        }
        return nil
    }

    private func isEqual(_ one: Int, _ other: Int, _ bytes: [UInt8]) -> Bool {
        names[one].fingerprint == names[other].fingerprint && text(names[one], bytes) == text(names[other], bytes)
    }

    private func text(_ name: Name, _ bytes: [UInt8]) -> ArraySlice<UInt8> {
        name.isUnescaped ? unescaped[name.range] : bytes[name.range]
    }

    /// The hash FNV-1a.
    private static func fingerprint(of range: Range<Int>, in bytes: [UInt8]) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in bytes[range] { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        return hash
    }
}
