import Foundation

extension OpenFile {
    /// Sets the owner and the group; `nil` leaves what is set. Only a privileged process can give files away. Blocks.
    public func setOwner(_ owner: UInt32?, group: UInt32?) throws(FileError) {
        guard fchown(descriptor, owner ?? .max, group ?? .max) == 0 else {
            throw FileError("give to \(ownerText(owner, group)) the file", path)
        }
    }

    /// Sets the permission bits, whatever the umask of the process is. Blocks.
    public func setMode(_ mode: UInt32) throws(FileError) {
        guard fchmod(descriptor, mode_t(mode)) == 0 else { throw FileError("set the mode of", path) }
    }
}

extension DiskFolder {
    /// Creates this folder only, not those above it. Blocks.
    ///
    /// - Parameter mode: the permission bits before the process's umask.
    /// - Returns: `false` when something has the name already.
    public func create(mode: UInt32) throws(FileError) -> Bool {
        if mkdir(path, mode_t(mode)) == 0 { return true }
        guard errno == EEXIST else { throw FileError("create the folder", path) }
        return false
    }

    /// Sets the owner and the group; `nil` leaves what is set. Only a privileged process can give folders away. Blocks.
    public func setOwner(_ owner: UInt32?, group: UInt32?) throws(FileError) {
        guard chown(path, owner ?? .max, group ?? .max) == 0 else {
            throw FileError("give to \(ownerText(owner, group)) the folder", path)
        }
    }

    /// Sets the permission bits, whatever the umask of the process is. The set-group-ID bit stays: a folder inherits
    /// it from the one above, so that its files belong to the group. Blocks.
    public func setMode(_ mode: UInt32) throws(FileError) {
        guard let status = try FileStatus.read(path, followLinks: true) else {
            throw FileError("examine", path, number: ENOENT)
        }
        guard chmod(path, mode_t(mode | status.mode & UInt32(S_ISGID))) == 0 else {
            throw FileError("set the mode of", path)
        }
    }
}

private func ownerText(_ owner: UInt32?, _ group: UInt32?) -> String {
    [owner.map { "uid \($0)" }, group.map { "gid \($0)" }].compactMap(\.self).joined(separator: ", ")
}
