import Foundation

/// Who owns new files and folders in the library, and what their modes are: `PUID`, `PGID`, `UMASK`.
///
/// Modes are set explicitly, so that the umask the process was started with does not matter.
struct FilePermissions: Sendable, Equatable {
    /// Set only by a privileged process; others own what they create.
    var owner: uid_t?
    var group: gid_t?
    var umask: mode_t = 0o022

    var fileMode: mode_t { 0o666 & ~umask }
    var folderMode: mode_t { 0o777 & ~umask }

    private var ownership: (uid_t, gid_t)? {
        guard geteuid() == 0, owner != nil || group != nil else { return nil }
        return (owner ?? uid_t.max, group ?? gid_t.max)
    }

    /// - Throws: ``FileError`` naming the path and what was to be set.
    func apply(to file: borrowing OpenFile) throws(FileError) {
        if let (owner, group) = ownership, fchown(file.descriptor, owner, group) != 0 {
            throw FileError("give to \(Self.name(owner, group)) the file", file.path)
        }
        guard fchmod(file.descriptor, fileMode) == 0 else { throw FileError("set the mode of", file.path) }
    }

    /// - Throws: ``FileError`` naming the path and what was to be set.
    func apply(toFolder path: String) throws(FileError) {
        if let (owner, group) = ownership, chown(path, owner, group) != 0 {
            throw FileError("give to \(Self.name(owner, group)) the folder", path)
        }
        guard chmod(path, folderMode) == 0 else { throw FileError("set the mode of", path) }
    }

    private static func name(_ owner: uid_t, _ group: gid_t) -> String {
        let texts = [owner == .max ? nil : "uid \(owner)", group == .max ? nil : "gid \(group)"]
        return texts.compactMap(\.self).joined(separator: ", ")
    }
}
