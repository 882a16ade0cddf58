import Foundation

/// The attributes of a folder and of the file system that it is on, read without a write.
public struct VolumeStatus: Sendable, Equatable {
    /// What identifies the folder and decides who may write to it. A changed value means that another volume is mounted,
    /// or that the permissions changed.
    public struct Identity: Sendable, Equatable {
        let device: UInt64
        let inode: UInt64
        let owner: UInt32
        let group: UInt32
        let mode: UInt32
    }

    public let identity: Identity
    /// Whether the volume is mounted read-only, or became read-only after an error of the disk.
    public let isReadOnly: Bool
    /// Whether this process may create files in the folder, by its permissions.
    public let isWritable: Bool
    /// Whether no space or no file number is left for this process.
    public let isFull: Bool

    /// Returns the attributes of the folder, or `nil` when it does not exist. Blocks, and may hang on a network share.
    ///
    /// - Throws: ``FileError``, with ``FileError/Code/notAFolder`` for something that is not a folder.
    public static func read(_ path: String) throws(FileError) -> VolumeStatus? {
        guard let folder = try FileStatus.read(path, followLinks: true) else { return nil }
        guard folder.kind == .folder else { throw FileError("use", path, number: ENOTDIR) }
        var volume = statvfs()
        guard statvfs(path, &volume) == 0 else { throw FileError("examine the volume of", path) }
        return VolumeStatus(
            identity: Identity(
                device: folder.device, inode: folder.inode, owner: folder.owner, group: folder.group, mode: folder.mode),
            isReadOnly: UInt(volume.f_flag) & UInt(ST_RDONLY) != 0,
            isWritable: faccessat(AT_FDCWD, path, W_OK | X_OK, AT_EACCESS) == 0,
            isFull: isFull(volume))
    }

    /// Some file systems have no fixed number of blocks or files, and report 0. Root may use the reserved blocks.
    private static func isFull(_ volume: statvfs) -> Bool {
        let blocks = geteuid() == 0 ? volume.f_bfree : volume.f_bavail
        return (volume.f_blocks > 0 && blocks == 0) || (volume.f_files > 0 && volume.f_ffree == 0)
    }
}
