import Files
import Foundation

/// The owner and the modes of new files and folders in the library: `PUID`, `PGID`, `UMASK`.
///
/// Modes are set explicitly, so the umask of the process has no effect.
struct FilePermissions: Sendable, Equatable {
    /// Applied only by a privileged process. Any other process owns what it creates.
    var owner: UInt32?
    var group: UInt32?
    /// `nil` means `022`, and that file systems without modes are accepted, such as FAT and some network shares.
    var umask: UInt32?

    var fileMode: UInt32 { 0o666 & ~(umask ?? 0o022) }
    var folderMode: UInt32 { 0o777 & ~(umask ?? 0o022) }

    private var setsOwner: Bool { geteuid() == 0 && (owner != nil || group != nil) }

    /// - Throws: ``FileError`` with the path and the attribute that could not be set.
    func apply(to file: borrowing OpenFile) throws(FileError) {
        if setsOwner { try file.setOwner(owner, group: group) }
        do throws(FileError) {
            try file.setMode(fileMode)
        } catch {
            if !accepts(error) { throw error }
        }
    }

    /// - Throws: ``FileError`` with the path and the attribute that could not be set.
    func apply(to folder: DiskFolder) throws(FileError) {
        if setsOwner { try folder.setOwner(owner, group: group) }
        do throws(FileError) {
            try folder.setMode(folderMode)
        } catch {
            if !accepts(error) { throw error }
        }
    }

    /// Whether the failure means a file system without modes, and no mode was demanded.
    private func accepts(_ error: FileError) -> Bool {
        umask == nil && (error.number == EPERM || error.number == EOPNOTSUPP)
    }
}
