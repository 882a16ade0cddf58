public import Contracts

/// The entries of a list that a person has.
public struct ImportList: Sendable {
    /// One entry and its position.
    public struct Entry: Sendable {
        /// The line of a text, or the position in a list, from 1.
        public var line: Int
        public var text: String
        /// `nil` when the entry is neither a track nor a link.
        public var item: SubmissionItem?

        init(line: Int, text: some StringProtocol, item: SubmissionItem?) {
            self.line = line
            self.text = String(text)
            self.item = item
        }
    }

    public var entries: [Entry] = []
    public var requestedBy: String?
    public var batchID: String?
    public var kind: JobKind?
    public var priority: Int?
    public var force: Bool?
}

/// The limits of one list.
public struct ImportLimits: Encodable, Sendable, Equatable {
    /// Tracks and links together.
    public var lines = 2000
    public var links = 1000
    public var bodyBytes = 1 << 20

    enum CodingKeys: String, CodingKey {
        case lines = "max_lines"
        case links = "max_links"
        case bodyBytes = "max_body_bytes"
    }

    /// Creates the default limits.
    public init() {}
}
