import Files
import Foundation

/// One tree of audio files that the settings name.
struct FolderRoot: Sendable, Equatable {
    /// Absolute, without a slash at the end; it may be a link.
    let path: String

    init(_ url: URL) {
        let path = url.standardizedFileURL.path(percentEncoded: false)
        self.path = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
    }

    /// Whether the text of a path is below this root; links are not resolved.
    func contains(_ path: String) -> Bool {
        path.isBelow(self.path)
    }

    /// Why the folder cannot be read; `nil` when it can. Blocks.
    var problem: String? {
        guard let stream = opendir(path) else { return "\(path): \(FileError("list", path, number: errno).reason)" }
        closedir(stream)
        return nil
    }

    /// Whether the folder has no entry at all, like the mount point of a disk that is not mounted. Blocks.
    ///
    /// Reads only the first entries: a listing of a large network folder takes long.
    var isEmpty: Bool {
        guard let stream = opendir(path) else { return false }
        defer { closedir(stream) }
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
            if name != Array(".".utf8), name != Array("..".utf8) { return false }
        }
        return true
    }
}
