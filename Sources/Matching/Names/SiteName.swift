/// Web addresses that sites add to file names.
enum SiteName {
    /// Returns the name without addresses; `nil` if it has none.
    static func removed(from name: UnsafeBufferPointer<UInt8>) -> String? {
        guard hasInnerDot(name) else { return nil }
        let text = String(decoding: name, as: UTF8.self)
        let sites = text.split { " _[](){}".contains($0) }.filter(isSite)
        return sites.isEmpty ? nil : sites.reduce(text) { $0.replacing($1, with: " ") }
    }

    /// Returns whether a dot stands before a letter, as in an address.
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
        return (2...5).contains(end.utf8.count)
            && (topDomains.contains(end.lowercased()) || word.lowercased().hasPrefix("www."))
    }

    private static let topDomains: Set<String> = [
        "com", "net", "org", "ru", "info", "biz", "cc", "fm", "to", "me", "io", "audio", "xyz",
    ]
}
