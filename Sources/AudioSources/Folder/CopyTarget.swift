import Foundation

/// Where in the folder of a job a copy goes: names that depend on nothing that somebody else chose, but a plain
/// extension.
struct CopyTarget: Sendable {
    let directory: URL
    let fileExtension: String
    /// What the names of finished copies begin with.
    let stem: String

    private static let mostNames = 99

    /// - Parameter path: of the original; the name takes its extension when that is a plain one, and nothing else of it.
    init(directory: URL, extensionOf path: String, stem: String = "source") {
        let suffix = path.split(separator: ".").last.map { $0.lowercased() } ?? ""
        let isPlain = (1...8).contains(suffix.count) && suffix.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) }
        self.directory = directory
        self.fileExtension = isPlain ? suffix : "bin"
        self.stem = stem
    }

    /// The names of finished copies in the order in which they are used: `source.flac`, `source-2.flac` …
    var names: [URL] {
        (1...Self.mostNames).map { number in
            directory.appending(path: "\(stem)\(number == 1 ? "" : "-\(number)").\(fileExtension)")
        }
    }

    /// A name of its own for a copy that is under way.
    func partial() -> URL {
        directory.appending(path: ".source.\(fileExtension).\(UUID().uuidString.lowercased()).partial")
    }

    /// Makes the folder, and removes what a crashed run has left in it; blocks on the disk.
    func prepare() throws {
        let path = directory.path(percentEncoded: false)
        try Self.makeFolder(path)
        guard let stream = opendir(path) else { throw SourceError(errno: errno, path) }
        defer { closedir(stream) }
        while let entry = readdir(stream) {
            let bytes = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
            let name = String(decoding: bytes, as: UTF8.self)
            if Self.isPartial(name) { removeUnlessLocked("\(path)/\(name)") }
        }
    }

    /// Makes the names in the folder durable; blocks on the disk.
    func synchroniseDirectory() throws {
        let path = directory.path(percentEncoded: false)
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw SourceError(errno: errno, path) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw SourceError(errno: errno, path) }
    }

    private static func makeFolder(_ path: String) throws {
        if mkdir(path, 0o777) == 0 { return }
        let reason = errno
        if reason == EEXIST { return }
        guard reason == ENOENT, let slash = path.dropLast().lastIndex(of: "/"), slash > path.startIndex else {
            throw SourceError(errno: reason, path)
        }
        try makeFolder(String(path[..<slash]))
        guard mkdir(path, 0o777) == 0 || errno == EEXIST else { throw SourceError(errno: errno, path) }
    }

    /// The finished copies of a size; blocks on the disk.
    func finished(ofSize size: Int64) -> [URL] {
        names.prefix { Self.size(of: $0) != nil }.filter { Self.size(of: $0) == size }
    }

    private static func isPartial(_ name: String) -> Bool { name.hasPrefix(".source.") && name.hasSuffix(".partial") }

    private static func size(of file: URL) -> Int64? {
        var status = stat()
        return lstat(file.path(percentEncoded: false), &status) == 0 ? Int64(status.st_size) : nil
    }

    /// A copy that is under way is locked by whoever writes it.
    private func removeUnlessLocked(_ path: String) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { unlink(path) }
    }
}
