import Foundation

/// The attributes of a file or folder.
public struct FileStatus: Sendable, Hashable {
    public enum Kind: Sendable { case file, folder, link, other }

    public let kind: Kind
    /// Bytes.
    public let size: Int64
    public let device: UInt64
    public let inode: UInt64
    /// Seconds and nanoseconds since 1970.
    public let modifiedSeconds: Int64
    public let modifiedNanoseconds: Int64
    public let owner: UInt32
    public let group: UInt32
    /// The permission bits, set-group-ID included.
    public let mode: UInt32
    /// Names of the file; 0 when it was removed while open.
    public let linkCount: Int

    init(_ status: stat) {
        kind =
            switch status.st_mode & S_IFMT {
            case S_IFREG: .file
            case S_IFDIR: .folder
            case S_IFLNK: .link
            default: .other
            }
        size = Int64(status.st_size)
        device = UInt64(status.st_dev)
        inode = UInt64(status.st_ino)
        modifiedSeconds = Int64(status.st_mtim.tv_sec)
        modifiedNanoseconds = Int64(status.st_mtim.tv_nsec)
        owner = status.st_uid
        group = status.st_gid
        mode = status.st_mode & 0o7777
        linkCount = Int(status.st_nlink)
    }

    /// Returns the attributes of `path`, or `nil` when it does not exist. Blocks.
    ///
    /// - Parameter followLinks: whether a symbolic link is replaced by what it refers to.
    public static func read(_ path: String, followLinks: Bool = false) throws(FileError) -> FileStatus? {
        var status = stat()
        if (followLinks ? stat(path, &status) : lstat(path, &status)) == 0 { return FileStatus(status) }
        if errno == ENOENT || errno == ENOTDIR { return nil }
        throw FileError("examine", path)
    }

    /// Whether `path` is a regular file; links are not followed. Blocks.
    public static func isFile(_ path: String) -> Bool { (try? read(path))?.kind == .file }

    /// Whether `path` exists, of whatever kind. Blocks.
    public static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }
}
