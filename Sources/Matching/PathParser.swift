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
        let segments = path.split { $0 == "\\" || $0 == "/" }
        let name = (segments.last ?? "").prefix(maxLength)
        let (whole, fileExtension) = splitExtension(name)
        let leaf = withoutSites(whole)
        let folders = segments.dropLast().reversed().prefix(maxFolders).map { String($0.prefix(maxLength)) }
        let numbers = numbers(leaf)
        return PathEvidence(
            leaf: leaf, fileExtension: fileExtension, folders: Array(folders), trackNumber: numbers.track,
            discNumber: numbers.disc)
    }

    private static func splitExtension(_ name: Substring) -> (String, String) {
        guard let dot = name.lastIndex(of: "."), dot != name.startIndex, name.distance(from: dot, to: name.endIndex) <= 8
        else { return (String(name), "") }
        return (String(name[..<dot]), name[name.index(after: dot)...].lowercased())
    }

    /// Without the addresses that sites put into names.
    private static func withoutSites(_ leaf: String) -> String {
        guard leaf.utf8.contains(UInt8(ascii: ".")) else { return leaf }
        let words = leaf.split(omittingEmptySubsequences: false) { " _[](){}".contains($0) }
        guard words.contains(where: isSite) else { return leaf }
        return words.filter(isSite).reduce(leaf) { $0.replacing($1, with: " ") }
    }

    private static func isSite(_ word: Substring) -> Bool {
        guard let dot = word.lastIndex(of: "."), dot != word.startIndex else { return false }
        return word.lowercased().hasPrefix("www.") || topDomains.contains(word[word.index(after: dot)...].lowercased())
    }

    private static let topDomains: Set<String> = ["com", "net", "org", "ru", "info", "biz", "cc", "fm", "to", "me", "io"]

    private static func numbers(_ leaf: String) -> (track: Int?, disc: Int?) {
        let trimmed = leaf.drop { "([ ".contains($0) }
        let first = trimmed.prefix { $0.isASCII && $0.isNumber }
        guard (1...3).contains(first.count), let number = Int(first) else { return (nil, nil) }
        let rest = trimmed.dropFirst(first.count)
        if first.count <= 2, rest.first == "-" {
            let second = rest.dropFirst().prefix { $0.isASCII && $0.isNumber }
            if second.count == 2, let track = Int(second) { return (track, number) }
        }
        return first.count == 3 && number > 100 ? (number % 100, number / 100) : (number, nil)
    }
}
