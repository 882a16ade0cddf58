import Foundation

/// One tree of audio files that the settings name.
struct FolderRoot: Sendable, Equatable {
    /// Absolute, without a slash at the end; it may itself be a link.
    let path: String

    init(_ url: URL) {
        let path = url.standardizedFileURL.path(percentEncoded: false)
        self.path = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
    }

    /// Whether a path is written as one below this root; links are not looked at.
    func contains(_ path: String) -> Bool {
        path.isBelow(self.path)
    }

    /// Why the tree cannot be looked at, or `nil`; blocks on the disk.
    var obstacle: String? {
        guard let stream = opendir(path) else { return "\(path): \(String(cString: strerror(errno)))" }
        closedir(stream)
        return nil
    }

    /// Whether nothing at all is in it, as in the place of a disk that is not mounted; blocks on the disk.
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

extension String {
    /// Whether this path is below that of `folder`, by their bytes: two names that only look the same are two folders.
    func isBelow(_ folder: String) -> Bool {
        utf8.starts(with: (folder == "/" ? "/" : folder + "/").utf8)
    }
}
