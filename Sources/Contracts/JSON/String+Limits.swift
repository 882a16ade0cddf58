extension String {
    /// Returns the longest prefix of whole characters that fits into `limit` bytes of UTF-8.
    public func prefix(utf8 limit: Int) -> String {
        guard utf8.count > limit else { return self }
        var size = 0
        var end = startIndex
        for index in indices {
            size += self[index].utf8.count
            if size > limit { break }
            end = self.index(after: index)
        }
        return String(self[..<end])
    }
}

extension String {
    var isBlank: Bool { allSatisfy(\.isWhitespace) }
}
