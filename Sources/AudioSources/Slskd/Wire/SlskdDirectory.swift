import Contracts

/// A folder below slskd's downloads folder, as slskd sees it.
public struct SlskdDirectory: Decodable, Sendable, Equatable {
    public struct File: Decodable, Sendable, Equatable {
        public var name: String
        /// Bytes.
        public var length: Int64?
    }

    public var name: String
    /// Relative to the downloads folder.
    public var fullName: String
    public var files: [File]
    /// They have content only in a recursive listing.
    public var directories: [SlskdDirectory]

    enum CodingKeys: String, CodingKey { case name, fullName, files, directories }

    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        name = fields.lenient(.name) ?? ""
        fullName = fields.lenient(.fullName) ?? ""
        files = fields.lenientList(.files)
        directories = fields.lenientList(.directories)
    }
}
