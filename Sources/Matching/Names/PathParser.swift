/// Splits paths. Any text is a valid path.
struct PathParser {
    /// The maximum number of folders. Outer ones are ignored.
    private static let maxFolders = 4
    /// The maximum length of a name in bytes. The rest is ignored.
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

    /// Returns the folders of a directory, the innermost first.
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

    /// Returns the directory below the random alias of the shared folder.
    static func withoutShareAlias(_ bytes: UnsafeBufferPointer<UInt8>, _ directory: Range<Int>) -> Range<Int> {
        let parser = PathParser(bytes: bytes)
        guard parser.isShareAlias(directory) else { return directory }
        let end = directory.first { parser.isSeparator(bytes[$0]) } ?? directory.upperBound
        return min(end + 1, directory.upperBound)..<directory.upperBound
    }

    /// Returns whether a name is the random alias that a peer's client gives to a shared folder: `@@abcde`.
    private func isShareAlias(_ name: Range<Int>) -> Bool { bytes[name].starts(with: "@@".utf8) }

    private func extensionDot(_ name: Range<Int>) -> Int? {
        var index = name.upperBound - 1
        while index > name.lowerBound, name.upperBound - index <= 8 {
            if bytes[index] == UInt8(ascii: ".") { return index }
            index -= 1
        }
        return nil
    }

    /// Returns the stem without `_1` and `~1`, which systems append to names that exist or are too long.
    private func trimmed(_ stem: Range<Int>) -> Range<Int> {
        let stem = stem.lowerBound..<min(stem.upperBound, stem.lowerBound + Self.maxLength)
        guard stem.count > 2, isDigit(bytes[stem.upperBound - 1]) else { return stem }
        let sign = bytes[stem.upperBound - 2]
        if sign == UInt8(ascii: "~") { return stem.lowerBound..<stem.upperBound - 2 }
        let isLone = sign == UInt8(ascii: "_") && bytes[stem].contains(32) && bytes[stem].count { $0 == sign } == 1
        return isLone ? stem.lowerBound..<stem.upperBound - 2 : stem
    }

    /// Returns the track number at the beginning: `05`, `1-05`, `105`.
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
