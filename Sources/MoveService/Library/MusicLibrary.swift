import Files
import Foundation

/// The music folder: finds entries by name and creates folders. All functions block.
///
/// Names that differ only in case or in their Unicode form count as the same name, because many file systems and
/// players that use the folder treat them so. Symbolic links to folders are followed: the owner of the library made them.
struct MusicLibrary: Sendable {
    /// Without a slash at the end.
    let root: String
    let permissions: FilePermissions

    init(_ folder: URL, permissions: FilePermissions = FilePermissions()) {
        root = DiskFolder(folder.path(percentEncoded: false)).path
        self.permissions = permissions
    }

    func absolute(_ path: String) -> String { path.isEmpty ? root : "\(root)/\(path)" }

    /// Whether the path, relative to the music folder, is a regular file.
    func hasFile(at path: String) -> Bool { FileStatus.isFile(absolute(path)) }

    /// Returns the folders in the spelling that they have on disk; those that do not exist are returned unchanged.
    ///
    /// - Throws: ``FileError``, also when the music folder itself does not exist.
    func spelling(of folders: [String]) throws(FileError) -> [String] {
        guard try FileStatus.read(root, followLinks: true) != nil else {
            throw FileError("find the music folder", root, number: ENOENT)
        }
        var found: [String] = []
        for name in folders {
            guard let entry = try entry(like: name, in: found) else { return found + folders.dropFirst(found.count) }
            found.append(entry)
        }
        return found
    }

    /// Returns the existing entry with this name, or with one that differs only in case or Unicode form.
    func entry(like name: String, in folders: [String]) throws(FileError) -> String? {
        let folder = absolute(folders.joined(separator: "/"))
        if (try? FileStatus.read("\(folder)/\(name)")) != nil { return name }
        let wanted = Self.folded(name)
        return try DiskFolder(folder).names().first { Self.folded($0) == wanted }
    }

    /// The form in which equal names are equal texts.
    static func folded(_ name: String) -> String { name.precomposedStringWithCanonicalMapping.lowercased() }
}

extension MusicLibrary {
    /// Creates the folders that are missing, durably, with the owner and mode of the settings.
    ///
    /// - Throws: ``FileError``; `notAFolder` when a file has the name of a folder.
    func makeFolders(_ folders: [String]) throws(FileError) {
        var parent = DiskFolder(root)
        for name in folders {
            let folder = DiskFolder("\(parent.path)/\(name)")
            if try folder.create(mode: permissions.folderMode) {
                try permissions.apply(to: folder)
                try folder.synchronise()
                try parent.synchronise()
            } else {
                try repairPermissions(of: folder)
            }
            parent = folder
        }
    }

    /// Sets the permissions of an empty folder that a killed process created and did not complete.
    private func repairPermissions(of folder: DiskFolder) throws(FileError) {
        let status = try FileStatus.read(folder.path, followLinks: true)
        guard let status, status.kind == .folder else {
            throw FileError("use as a folder", folder.path, number: status == nil ? ENOENT : ENOTDIR)
        }
        let isComplete =
            status.owner == permissions.owner ?? status.owner && status.group == permissions.group ?? status.group
        guard !isComplete, geteuid() == 0, status.owner == geteuid() else { return }
        if try folder.names().isEmpty { try permissions.apply(to: folder) }
    }
}
