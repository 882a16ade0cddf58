import Contracts
import Foundation

/// Finds and removes files in slskd's downloads folder. Every function blocks.
///
/// The names in the folder come from other users. So only regular files below the folder are used, and links are not
/// followed.
struct TransferFiles: Sendable {
    let root: String

    init(_ folder: URL) {
        var path = folder.path(percentEncoded: false)
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        root = path
    }

    /// Returns the only file with a size in a transfer's own folder.
    func file(in destination: String, size: Int64) -> String? {
        guard let folder = own(destination) else { return nil }
        let files = Self.names(in: folder).map { folder + "/" + $0 }.filter { Self.size($0) != nil }
        let whole = files.filter { Self.size($0) == size }
        return whole.count == 1 ? whole.first : nil
    }

    /// Returns the local path of a file that slskd names by its own path; `nil` when it is not below the folder.
    ///
    /// slskd may see the folder at another path. So the longest end of the path is used that leads to a file of the size.
    /// That is at least the file's own name, which slskd never uses twice.
    func file(named path: String, size: Int64) -> String? {
        if let file = proven(path, size: size) { return file }
        let parts = path.unicodeScalars.split(separator: "/").map { String($0) }
        for start in parts.indices.dropFirst() {
            let end = parts[start...].joined(separator: "/")
            if let file = proven(root + "/" + end, size: size) { return file }
        }
        return nil
    }

    /// Removes a transfer's own folder with its files.
    func clear(_ destination: String) {
        guard let folder = own(destination) else { return }
        for name in Self.names(in: folder) { unlink(folder + "/" + name) }
        rmdir(folder)
        // The folder of the job is removed when it is empty. It may contain folders of other transfers.
        if let slash = folder.lastIndex(of: "/") { rmdir(String(folder[..<slash])) }
    }

    /// Returns the folders of transfers of HDM, and when their contents last changed.
    func transferFolders() -> [(destination: String, changed: Timestamp)] {
        let top = root + "/hdm"
        let names = Self.names(in: top).flatMap { job in Self.names(in: "\(top)/\(job)").map { "hdm/\(job)/\($0)" } }
        return names.compactMap { name in
            guard TransferIdentity.job(of: name) != nil, let folder = own(name) else { return nil }
            var status = stat()
            guard lstat(folder, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else { return nil }
            let seconds = TimeInterval(status.st_mtim.tv_sec)
            return (name, Timestamp(Date(timeIntervalSince1970: seconds)))
        }
    }

    /// Returns the resolved path of a regular file with a size below the folder.
    private func proven(_ path: String, size: Int64) -> String? {
        let up = "..".utf8
        guard !path.utf8.contains(0),
            !path.utf8.split(separator: UInt8(ascii: "/")).contains(where: { $0.elementsEqual(up) }),
            Self.size(path) == size, let base = ResolvedPath(root)?.text, let resolved = ResolvedPath(path)?.text,
            resolved.utf8.starts(with: (base + "/").utf8)
        else { return nil }
        return resolved
    }

    /// Returns the path of a folder of HDM below the downloads folder; `nil` when it does not exist or is a link.
    private func own(_ destination: String) -> String? {
        let parts = destination.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0] == "hdm", !parts.contains(where: { $0.isEmpty || $0 == "." || $0 == ".." }),
            let base = ResolvedPath(root)?.text, let folder = ResolvedPath(root + "/" + destination)?.text,
            folder == base + "/" + destination
        else { return nil }
        return folder
    }

    private static func names(in folder: String) -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.sorted()
    }

    /// Returns the size of a regular file; `nil` for links and missing files.
    private static func size(_ path: String) -> Int64? {
        var status = stat()
        guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        return Int64(status.st_size)
    }
}
