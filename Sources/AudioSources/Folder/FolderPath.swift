import Contracts
import Files
import Foundation

/// Checks the path of a candidate before it is copied: it must be in one of the folder trees.
struct FolderPath: Sendable {
    let roots: [FolderRoot]
    let path: String

    /// Returns the path with links resolved. Blocks.
    ///
    /// A job can name any path, and the error must not reveal which files exist elsewhere. So paths outside the trees
    /// are refused by their text, before the disk is accessed.
    /// - Throws: ``SourceError`` `refused` for a path outside the trees, `unavailable` for a missing tree, `gone` …
    func resolved() throws(SourceError) -> String {
        let parts = path.utf8.split(separator: UInt8(ascii: "/")).map { Array($0) }
        guard let root = roots.first(where: { $0.contains(path) }), !parts.contains(Array("..".utf8)),
            !path.contains("\0")
        else {
            throw SourceError(.refused, "the file is not in one of the music folders; see HDM_FOLDER_SOURCE_DIRS")
        }
        guard root.problem == nil, !root.isEmpty else {
            throw SourceError(.unavailable, "\(root.path) is missing or empty; check that its disk is mounted")
        }
        errno = 0
        guard let resolved = ResolvedPath(path) else { throw SourceError(FileError("open", path, number: errno)) }
        let bases = roots.compactMap { ResolvedPath($0.path)?.text }
        guard bases.contains(where: resolved.text.isBelow) else {
            throw SourceError(.refused, "the file is outside the music folders: a link leads to it")
        }
        return resolved.text
    }
}
