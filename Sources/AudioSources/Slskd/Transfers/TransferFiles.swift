import Contracts
import Foundation

/// slskd's downloads folder: finds what it has fetched, proves that it lies there, and takes it out. Every function
/// blocks on the disk.
///
/// Names in it come from strangers: only regular files are taken, without following links, and only from below.
struct TransferFiles: Sendable {
    let root: String

    init(_ folder: URL) {
        var path = folder.path(percentEncoded: false)
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        root = path
    }

    /// The only file in a transfer's own folder, when it has the size.
    func file(in destination: String, size: Int64) -> String? {
        guard let folder = own(destination) else { return nil }
        let files = Self.names(in: folder).map { folder + "/" + $0 }.filter { Self.size($0) != nil }
        let whole = files.filter { Self.size($0) == size }
        return whole.count == 1 ? whole.first : nil
    }

    /// A file that slskd names by its own path, when it lies below this process's view of the folder.
    ///
    /// slskd may see its folder elsewhere, so the longest end of the path that leads to a file of the size is taken: at
    /// least the file's own name, and slskd never gives one name twice.
    func file(named path: String, size: Int64) -> String? {
        if let file = proven(path, size: size) { return file }
        let parts = path.unicodeScalars.split(separator: "/").map { String($0) }
        for start in parts.indices.dropFirst() {
            let end = parts[start...].joined(separator: "/")
            if let file = proven(root + "/" + end, size: size) { return file }
        }
        return nil
    }

    /// Removes what is left in a transfer's own folder, and the folder.
    func clear(_ destination: String) {
        guard let folder = own(destination) else { return }
        for name in Self.names(in: folder) { unlink(folder + "/" + name) }
        rmdir(folder)
        // Of the job: other transfers of it may have one.
        if let slash = folder.lastIndex(of: "/") { rmdir(String(folder[..<slash])) }
    }

    /// The folders that look like those of transfers, and when something was last put into or taken out of them.
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

    /// The path of a regular file of a size below the folder, links resolved.
    private func proven(_ path: String, size: Int64) -> String? {
        let up = "..".utf8
        guard !path.utf8.contains(0),
            !path.utf8.split(separator: UInt8(ascii: "/")).contains(where: { $0.elementsEqual(up) }),
            Self.size(path) == size, let base = ResolvedPath(root)?.text, let resolved = ResolvedPath(path)?.text,
            resolved.utf8.starts(with: (base + "/").utf8)
        else { return nil }
        return resolved
    }

    /// A folder of HDM below the downloads folder, when it is really there and no link leads elsewhere.
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

    /// Of a regular file, not of what a link leads to.
    private static func size(_ path: String) -> Int64? {
        var status = stat()
        guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        return Int64(status.st_size)
    }
}
