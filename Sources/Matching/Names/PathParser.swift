/// Where in a path its pieces are, in bytes.
struct PathParts: Sendable {
    /// The file's name without its extension and what copying appends to it.
    var leaf: Range<Int>
    var type: AudioType
    /// From the nearest outwards.
    var folders: [Range<Int>]
    /// All of the folders.
    var directory: Range<Int>
    /// Digits at the beginning of the leaf: `05`, `1-05`, `105`.
    var trackNumber: Int?
}

/// Takes paths apart; any text is a path, and none is refused.
struct PathParser {
    /// As deep as people sort music; what is further out says nothing about the file.
    private static let maxFolders = 4
    /// Bytes; more is no name that a person has given.
    private static let maxLength = NameReader.maxLength

    private let bytes: UnsafeBufferPointer<UInt8>

    static func parse(_ path: UnsafeBufferPointer<UInt8>) -> PathParts { PathParser(bytes: path).parse() }

    private func parse() -> PathParts {
        var end = bytes.count
        while end > 0, isSeparator(bytes[end - 1]) { end -= 1 }
        let start = startOfName(endingAt: end)
        let dot = extensionDot(start..<end)
        let stem = start..<(dot ?? end)
        return PathParts(
            leaf: trimmed(stem), type: AudioType(bytes[(dot.map { $0 + 1 } ?? end)..<end]), folders: [],
            directory: 0..<max(0, start - 1), trackNumber: trackNumber(stem))
    }

    private func isSeparator(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "\\") || byte == UInt8(ascii: "/") }

    private func startOfName(endingAt end: Int) -> Int {
        var start = end
        while start > 0, !isSeparator(bytes[start - 1]) { start -= 1 }
        return start
    }

    /// The names of a directory, from the nearest outwards.
    static func folders(_ bytes: UnsafeBufferPointer<UInt8>, _ directory: Range<Int>) -> [Range<Int>] {
        let parser = PathParser(bytes: bytes)
        var folders: [Range<Int>] = []
        var end = directory.upperBound
        var seen = 0
        while end > 0, seen < maxFolders {
            let start = parser.startOfName(endingAt: end)
            if start < end {
                seen += 1
                if !parser.isShareAlias(start..<end) { folders.append(start..<min(end, start + maxLength)) }
            }
            end = start - 1
        }
        return folders
    }

    /// The directory below the random name that every peer has another of.
    static func withoutShareAlias(_ bytes: UnsafeBufferPointer<UInt8>, _ directory: Range<Int>) -> Range<Int> {
        let parser = PathParser(bytes: bytes)
        guard parser.isShareAlias(directory) else { return directory }
        let end = directory.first { parser.isSeparator(bytes[$0]) } ?? directory.upperBound
        return min(end + 1, directory.upperBound)..<directory.upperBound
    }

    /// `@@abcde`: a random name that a peer's client gives to a shared folder.
    private func isShareAlias(_ name: Range<Int>) -> Bool { bytes[name].starts(with: "@@".utf8) }

    private func extensionDot(_ name: Range<Int>) -> Int? {
        var index = name.upperBound - 1
        while index > name.lowerBound, name.upperBound - index <= 8 {
            if bytes[index] == UInt8(ascii: ".") { return index }
            index -= 1
        }
        return nil
    }

    /// Without `_1` and `~1`, which systems append to names that are taken or too long.
    private func trimmed(_ stem: Range<Int>) -> Range<Int> {
        let stem = stem.lowerBound..<min(stem.upperBound, stem.lowerBound + Self.maxLength)
        guard stem.count > 2, isDigit(bytes[stem.upperBound - 1]) else { return stem }
        let sign = bytes[stem.upperBound - 2]
        if sign == UInt8(ascii: "~") { return stem.lowerBound..<stem.upperBound - 2 }
        let isLone = sign == UInt8(ascii: "_") && bytes[stem].contains(32) && bytes[stem].count { $0 == sign } == 1
        return isLone ? stem.lowerBound..<stem.upperBound - 2 : stem
    }

    /// `05`, `1-05` and `105` at the beginning.
    private func trackNumber(_ stem: Range<Int>) -> Int? {
        var start = stem.lowerBound
        while start < stem.upperBound, "([ ".utf8.contains(bytes[start]) { start += 1 }
        let digits = digits(from: start, in: stem)
        guard (1...3).contains(digits.count) else { return nil }
        let number = number(digits)
        if digits.count <= 2, digits.upperBound < stem.upperBound, bytes[digits.upperBound] == UInt8(ascii: "-") {
            let second = self.digits(from: digits.upperBound + 1, in: stem)
            if second.count == 2 { return self.number(second) }
        }
        return digits.count == 3 && number > 100 ? number % 100 : number
    }

    private func digits(from start: Int, in stem: Range<Int>) -> Range<Int> {
        var end = start
        while end < stem.upperBound, isDigit(bytes[end]) { end += 1 }
        return start..<end
    }

    private func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }

    private func number(_ digits: Range<Int>) -> Int { bytes[digits].reduce(0) { $0 * 10 + Int($1) - 48 } }
}

/// The addresses that sites put into the names of files.
enum SiteName {
    /// The name without addresses; `nil` where there are none.
    static func removed(from name: UnsafeBufferPointer<UInt8>) -> String? {
        guard hasInnerDot(name) else { return nil }
        let text = String(decoding: name, as: UTF8.self)
        let sites = text.split { " _[](){}".contains($0) }.filter(isSite)
        return sites.isEmpty ? nil : sites.reduce(text) { $0.replacing($1, with: " ") }
    }

    /// Most dots follow a number or end a word; a site's stands between letters.
    private static func hasInnerDot(_ name: UnsafeBufferPointer<UInt8>) -> Bool {
        var isAfterDot = false
        for byte in name {
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
}
