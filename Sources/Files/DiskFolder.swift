import Foundation

/// Operations on a folder by its path. All functions block.
public struct DiskFolder: Sendable, Hashable {
    /// Without a slash at the end, except for the root.
    public let path: String

    public init(_ path: String) {
        self.path = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
    }

    /// The folder that contains a file.
    public init(of file: String) {
        guard let slash = file.lastIndex(of: "/") else {
            self.init(".")
            return
        }
        self.init(slash == file.startIndex ? "/" : String(file[..<slash]))
    }

    /// Writes the entries of the folder to the disk, so that a new name outlives a power cut.
    public func synchronise() throws(FileError) {
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileError("open", path) }
        defer { close(descriptor) }
        // Some network and FUSE file systems cannot do this; a name is then as durable as they make it.
        guard fsync(descriptor) == 0 || errno == EINVAL || errno == EOPNOTSUPP else {
            throw FileError("make durable", path)
        }
    }

    /// Creates the folder and the missing ones above it. One that exists is no error.
    ///
    /// - Parameter mode: the permission bits before the process's umask.
    public func make(mode: UInt32 = 0o777) throws(FileError) {
        if mkdir(path, mode_t(mode)) == 0 { return }
        let number = errno
        if number == EEXIST, try FileStatus.read(path, followLinks: true)?.kind == .folder { return }
        let parent = DiskFolder(of: path)
        guard number == ENOENT, parent.path != path else {
            throw FileError("create the folder", path, number: number == EEXIST ? ENOTDIR : number)
        }
        try parent.make(mode: mode)
        guard mkdir(path, mode_t(mode)) == 0 || errno == EEXIST else { throw FileError("create the folder", path) }
    }

    /// The names in the folder, without `.` and `..`, in no particular order; none when it does not exist.
    ///
    /// Names that are not UTF-8 are left out.
    public func names() throws(FileError) -> [String] {
        guard let directory = opendir(path) else {
            if errno == ENOENT { return [] }
            throw FileError("list", path)
        }
        defer { closedir(directory) }
        var names: [String] = []
        errno = 0
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { tuple in
                tuple.withMemoryRebound(to: CChar.self, capacity: 256) { String(validatingCString: $0) }
            }
            if let name, name != ".", name != ".." { names.append(name) }
            errno = 0
        }
        guard errno == 0 else { throw FileError("list", path) }
        return names
    }

    /// The bytes that this process may still write to the folder's volume; `nil` when it cannot be examined.
    public var freeBytes: Int64? {
        var status = statvfs()
        guard statvfs(path, &status) == 0 else { return nil }
        let (bytes, overflows) = UInt64(status.f_bavail).multipliedReportingOverflow(by: UInt64(status.f_frsize))
        return overflows ? .max : Int64(clamping: bytes)
    }

    /// Creates, writes and removes a small file, to see whether the folder can be written to.
    ///
    /// The name is always the same, so that the next probe removes the file of a process that was killed.
    public func probe() throws(FileError) {
        let file = try creatingProbe("write")
        defer { unlink(file.path) }
        try file.append(Array("hdm".utf8))
    }

    /// Creates the empty file `.hdm-probe-<purpose>`, in place of one that an earlier process left. The caller removes it.
    public func creatingProbe(_ purpose: String) throws(FileError) -> OpenFile {
        let usual = "\(path)/.hdm-probe-\(purpose)"
        do throws(FileError) {
            try OpenFile.remove(usual)
            return try OpenFile.creating(usual)
        } catch {
            // Another process may use the name now, or own the file in a folder with a sticky bit.
            guard [.alreadyExists, .permissionDenied].contains(error.code) else { throw error }
            return try OpenFile.creating("\(usual)-\(UUID().uuidString.lowercased())")
        }
    }
}
