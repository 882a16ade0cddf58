/// A failure of a job. The message says what failed, with which value, and what to do.
///
/// The message is shown to users and stored in headers and databases. It must not contain secrets, tokens or whole
/// messages. It is cut to ``JobError/longestMessage`` bytes.
public struct JobError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The maximum length of a message in bytes of UTF-8. All headers of a message must fit into one frame.
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
