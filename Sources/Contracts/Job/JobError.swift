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
