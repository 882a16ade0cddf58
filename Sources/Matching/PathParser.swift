import Contracts

/// What the path of an offered file says, taken apart.
struct PathEvidence: Sendable {
    /// The file's name without its extension.
    var leaf: String
    var fileExtension: String
    /// The folders, from the nearest outwards.
    var folders: [String]
    /// Digits at the beginning of the leaf: `05`, `1-05`, `105`.
    var trackNumber: Int?
    var discNumber: Int?
}

/// Takes paths apart; any text is a path, and none is refused.
enum PathParser {
    /// As deep as people sort music; what is further out says nothing about the file.
    private static let maxFolders = 4
    /// Bytes; more is no name that a person has given.
    private static let maxLength = 1024

    static func parse(_ path: String) -> PathEvidence {
        let segments = path.utf8.split { $0 == UInt8(ascii: "\\") || $0 == UInt8(ascii: "/") }
        let name = segments.last?.suffix(maxLength) ?? path.utf8.prefix(0)
        let dot = extensionDot(name)
        let stem = name[..<(dot ?? name.endIndex)]
        let fileExtension = dot.map { String(decoding: name[$0...].dropFirst(), as: UTF8.self).lowercased() } ?? ""
        let folders = segments.dropLast().suffix(maxFolders).reversed().filter { !isShareAlias($0) }.map { folder in
            String(decoding: folder.prefix(maxLength), as: UTF8.self)
        }
        let numbers = numbers(stem)
        return PathEvidence(
            leaf: withoutSites(String(decoding: stem, as: UTF8.self)), fileExtension: fileExtension, folders: folders,
            trackNumber: numbers.track, discNumber: numbers.disc)
    }

    /// `@@abcde`: a random name that a peer's client gives to a shared folder.
    private static func isShareAlias(_ folder: Substring.UTF8View) -> Bool { folder.starts(with: "@@".utf8) }

    private static func extensionDot(_ name: Substring.UTF8View) -> Substring.UTF8View.Index? {
        guard let dot = name.lastIndex(of: UInt8(ascii: ".")), dot != name.startIndex, name[dot...].count <= 8 else {
            return nil
        }
        return dot
    }

    /// Without the addresses that sites put into names.
    private static func withoutSites(_ leaf: String) -> String {
        guard hasInnerDot(leaf.utf8) else { return leaf }
        let words = leaf.split { " _[](){}".contains($0) }
        return words.filter(isSite).reduce(leaf) { $0.replacing($1, with: " ") }
    }

    /// Most dots follow a number or end a word; a site's stands between letters.
    private static func hasInnerDot(_ leaf: String.UTF8View) -> Bool {
        var isAfterDot = false
        for byte in leaf {
            if isAfterDot, (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) { return true }
            isAfterDot = byte == UInt8(ascii: ".")
        }
        return false
    }

    private static func isSite(_ word: Substring) -> Bool {
        guard let dot = word.lastIndex(of: "."), dot != word.startIndex else { return false }
        let end = word[word.index(after: dot)...]
        return (2...4).contains(end.utf8.count)
            && (topDomains.contains(end.lowercased()) || word.lowercased().hasPrefix("www."))
    }

    private static let topDomains: Set<String> = [
        "com", "net", "org", "ru", "info", "biz", "cc", "fm", "to", "me", "io",
    ]

    /// `05`, `1-05` and `105` at the beginning.
    private static func numbers(_ stem: Substring.UTF8View) -> (track: Int?, disc: Int?) {
        let start = stem.drop { "([ ".utf8.contains($0) }
        let digits = start.prefix { (48...57).contains($0) }
        guard (1...3).contains(digits.count) else { return (nil, nil) }
        let number = number(digits)
        let rest = start.dropFirst(digits.count)
        if digits.count <= 2, rest.first == UInt8(ascii: "-") {
            let second = rest.dropFirst().prefix { (48...57).contains($0) }
            if second.count == 2 { return (self.number(second), number) }
        }
        return digits.count == 3 && number > 100 ? (number % 100, number / 100) : (number, nil)
    }

    private static func number(_ digits: Substring.UTF8View) -> Int {
        digits.reduce(0) { $0 * 10 + Int($1) - 48 }
    }
}
