import Foundation

/// The encodings before Unicode for the script of the wanted names.
struct LegacyEncodings: Sendable {
    private let scripts: ClosedRange<UInt32>
    private let encodings: [String.Encoding]

    /// - Returns: `nil` for a text in Latin letters or in a script without such an encoding.
    init?(script text: String) {
        for (scripts, encodings) in Self.table
        where text.unicodeScalars.contains(where: { scripts.contains($0.value) }) {
            (self.scripts, self.encodings) = (scripts, encodings)
            return
        }
        return nil
    }

    /// Returns the name in its encoding, if all letters are those of Windows-1252 and the result is in the wanted
    /// script.
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
    static let dos850 = Self(rawValue: 0x8000_0410)
    static let koi8 = Self(rawValue: 0x8000_0A02)
    static let hebrew = Self(rawValue: 0x8000_0505)
    static let arabic = Self(rawValue: 0x8000_0506)
    static let chinese = Self(rawValue: 0x8000_0632)
    static let big5 = Self(rawValue: 0x8000_0A03)
    static let korean = Self(rawValue: 0x8000_0940)
}
