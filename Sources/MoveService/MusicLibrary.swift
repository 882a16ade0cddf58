import Foundation

/// The music folder: looks names up as its users see them and makes folders. All functions block.
///
/// Names that differ only in case or in their Unicode form are the same name here, because they are on half of the
/// file systems and players that see the folder. Symbolic links to folders are followed: they are the owner's.
struct MusicLibrary: Sendable {
    /// Without a slash at the end.
    let root: String
    let permissions: FilePermissions

    init(_ folder: URL, permissions: FilePermissions = FilePermissions()) {
        root = folder.plainPath
        self.permissions = permissions
    }

    func absolute(_ path: String) -> String { path.isEmpty ? root : "\(root)/\(path)" }

    /// Whether the path, relative to the music folder, is a regular file.
    func hasFile(at path: String) -> Bool {
        var status = stat()
        return lstat(absolute(path), &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    }

    /// The folders as they are spelt on disk, as far as they are there.
    ///
    /// - Throws: ``FileError``, also when the music folder itself is not there.
    func spelling(of folders: [String]) throws(FileError) -> [String] {
        guard access(root, F_OK) == 0 else { throw FileError("find the music folder", root) }
        var found: [String] = []
        for name in folders {
            guard let entry = try entry(like: name, in: found) else { return found + folders.dropFirst(found.count) }
            found.append(entry)
        }
        return found
    }

    /// What is already there under this name, or one that differs only in case or Unicode form.
    func entry(like name: String, in folders: [String]) throws(FileError) -> String? {
        let folder = absolute(folders.joined(separator: "/"))
        var status = stat()
        if lstat("\(folder)/\(name)", &status) == 0 { return name }
        let wanted = Self.folded(name)
        return try Self.names(in: folder).first { Self.folded($0) == wanted }
    }

    /// The form under which two names are the same.
    static func folded(_ name: String) -> String { name.precomposedStringWithCanonicalMapping.lowercased() }

    private static func names(in folder: String) throws(FileError) -> [String] {
        guard let directory = opendir(folder) else {
            if errno == ENOENT { return [] }
            throw FileError("list", folder)
        }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { tuple in
                tuple.withMemoryRebound(to: CChar.self, capacity: 256) { String(validatingCString: $0) }
            }
            if let name { names.append(name) }
        }
        return names
    }
}

extension MusicLibrary {
    /// Makes the folders that are missing, with the owner and mode of the settings, durably.
    ///
    /// - Throws: ``FileError``; `ENOTDIR` when something else has the name of a folder.
    func makeFolders(_ folders: [String]) throws(FileError) {
        var path = root
        for name in folders {
            let parent = path
            path += "/" + name
            if mkdir(path, permissions.folderMode) == 0 {
                try permissions.apply(toFolder: path)
                try Self.synchronise(folder: path)
                try Self.synchronise(folder: parent)
            } else if errno == EEXIST {
                try adopt(path)
            } else {
                throw FileError("create the folder", path)
            }
        }
    }

    /// A process that died right after making a folder left it empty and without its owner: it gets it now.
    private func adopt(_ path: String) throws(FileError) {
        var status = stat()
        guard stat(path, &status) == 0 else { throw FileError("use the folder", path) }
        guard status.st_mode & S_IFMT == S_IFDIR else { throw FileError("use as a folder", path, code: ENOTDIR) }
        let isPlain =
            status.st_uid == permissions.owner ?? status.st_uid
            && status.st_gid == permissions.group ?? status.st_gid
        guard !isPlain, geteuid() == 0, status.st_uid == geteuid() else { return }
        guard try Self.names(in: path).allSatisfy({ $0 == "." || $0 == ".." }) else { return }
        try permissions.apply(toFolder: path)
    }

    /// Makes the entries of a folder durable.
    static func synchronise(folder path: String) throws(FileError) {
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileError("open", path) }
        defer { close(descriptor) }
        // Some network and FUSE file systems know no fsync of folders; there it cannot be had.
        guard fsync(descriptor) == 0 || errno == EINVAL || errno == EOPNOTSUPP else {
            throw FileError("make durable", path)
        }
    }
}

extension URL {
    /// The path for the system's calls, without a slash at the end.
    var plainPath: String {
        let path = path(percentEncoded: false)
        return path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
    }
}
