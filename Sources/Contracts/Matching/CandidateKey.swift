/// Identifies a file by its size in bytes and its name without folders, such as `28311552/07 tide tables.flac`.
///
/// Verdicts of people are stored under this key. Copies at other peers and in other folders have the same name and
/// size, so that a verdict on one copy applies to all.
public struct CandidateKey: RawRepresentable, Codable, Sendable, Hashable {
    public let rawValue: String

    /// The maximum length of the name in bytes, which is enough to distinguish files of one size.
    static let longestName = 160

    public init(rawValue: String) { self.rawValue = rawValue }

    /// - Parameter path: the path in the source, with `/` or `\` as the separator.
    public init(path: String, size: Int64) {
        let leaf = path.utf8.split { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "\\") }.last
        let name = leaf.map { String(decoding: $0, as: UTF8.self) } ?? ""
        rawValue = "\(size)/\(name.precomposedStringWithCanonicalMapping.lowercased().prefix(utf8: Self.longestName))"
    }
}

extension OfferedFile {
    /// The key under which verdicts on this file are stored.
    public var key: CandidateKey { CandidateKey(path: path, size: size) }
}
