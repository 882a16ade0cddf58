/// A failure of a job that says what happened and, where a person can help, what to do about it.
///
/// The text is shown to users and stored in headers and databases: it never holds secrets, tokens or whole messages,
/// and it is cut to ``JobError/longestMessage`` bytes.
public struct JobError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The longest text that is kept, in bytes of UTF-8; it fits into a message header together with the others.
    public static let longestMessage = 1024

    public var code: ErrorCode
    public var message: String

    public init(_ code: ErrorCode, _ message: String) {
        self.code = code
        self.message = message.prefix(utf8: Self.longestMessage)
    }

    public var description: String { "\(code.rawValue): \(message)" }
}

extension String {
    /// The longest prefix of whole characters that fits into `limit` bytes of UTF-8.
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
