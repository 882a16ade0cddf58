/// The parts of a path as ranges of bytes.
struct PathParts: Sendable {
    /// The name of the file without its extension and without the suffixes of copies.
    var leaf: Range<Int>
    var type: AudioType
    /// The folders, the innermost first.
    var folders: [Range<Int>]
    /// The whole directory.
    var directory: Range<Int>
    /// The track number at the beginning of the leaf: `05`, `1-05`, `105`.
    var trackNumber: Int?
}
