/// Names a file's content well enough to know it again at another peer or in another folder: its size in bytes and its
/// own name, as `28311552/07 tide tables.flac`.
///
/// People judge what is in a file. Copies of it keep name and size to the byte while owners and folders change, so a
/// verdict on one of them holds for all.
public struct CandidateKey: RawRepresentable, Codable, Sendable, Hashable {
    public let rawValue: String

    /// Enough of a name to tell files of one size apart.
    static let longestName = 160

    public init(rawValue: String) { self.rawValue = rawValue }

    /// - Parameter path: as its source knows it; folders are separated by `/` or `\`.
    public init(path: String, size: Int64) {
        let leaf = path.utf8.split { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "\\") }.last
        let name = leaf.map { String(decoding: $0, as: UTF8.self) } ?? ""
        rawValue = "\(size)/\(name.precomposedStringWithCanonicalMapping.lowercased().prefix(utf8: Self.longestName))"
    }
}

extension Candidate {
    /// What a person's verdict on this file is remembered by.
    public var key: CandidateKey { CandidateKey(path: path, size: size) }
}

extension OfferedFile {
    /// What a person's verdict on this file is remembered by.
    public var key: CandidateKey { CandidateKey(path: path, size: size) }
}
