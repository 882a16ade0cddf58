import Foundation

/// Who owns new files and folders in the library, and what their modes are: `PUID`, `PGID`, `UMASK`.
///
/// Modes are set explicitly, so that the umask the process was started with does not matter.
struct FilePermissions: Sendable, Equatable {
    /// Set only by a privileged process; others own what they create.
    var owner: uid_t?
    var group: gid_t?
    /// `nil` means `022`, and that a file system without modes will do: FAT, or a share that decides itself.
    var umask: mode_t?

    var fileMode: mode_t { 0o666 & ~(umask ?? 0o022) }
    var folderMode: mode_t { 0o777 & ~(umask ?? 0o022) }

    private var ownership: (uid_t, gid_t)? {
        guard geteuid() == 0, owner != nil || group != nil else { return nil }
        return (owner ?? uid_t.max, group ?? gid_t.max)
    }

    /// - Throws: ``FileError`` naming the path and what was to be set.
    func apply(to file: borrowing OpenFile) throws(FileError) {
        if let (owner, group) = ownership, fchown(file.descriptor, owner, group) != 0 {
            throw FileError("give to \(Self.name(owner, group)) the file", file.path)
        }
        guard fchmod(file.descriptor, fileMode) == 0 || hasNoModes(errno) else {
            throw FileError("set the mode of", file.path)
        }
    }

    /// - Throws: ``FileError`` naming the path and what was to be set.
    func apply(toFolder path: String) throws(FileError) {
        if let (owner, group) = ownership, chown(path, owner, group) != 0 {
            throw FileError("give to \(Self.name(owner, group)) the folder", path)
        }
        var status = stat()
        guard stat(path, &status) == 0 else { throw FileError("examine", path) }
        // What a new folder inherits from the one above stays: that its files belong to its group.
        guard chmod(path, folderMode | status.st_mode & S_ISGID) == 0 || hasNoModes(errno) else {
            throw FileError("set the mode of", path)
        }
    }

    private func hasNoModes(_ code: Int32) -> Bool { umask == nil && (code == EPERM || code == EOPNOTSUPP) }

    private static func name(_ owner: uid_t, _ group: gid_t) -> String {
        let texts = [owner == .max ? nil : "uid \(owner)", group == .max ? nil : "gid \(group)"]
        return texts.compactMap(\.self).joined(separator: ", ")
    }
}
