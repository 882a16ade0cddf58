import Foundation

/// A file that only its owner may read and write.
public enum PrivateFile {
    /// Creates an empty file, or restricts the access to an existing one. Blocks.
    ///
    /// For files that a library opens later, such as databases. SQLite gives its other files the same mode.
    public static func prepare(_ path: String) throws(FileError) {
        let descriptor = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw FileError("create", path) }
        defer { close(descriptor) }
        guard fchmod(descriptor, 0o600) == 0 else { throw FileError("set the mode of", path) }
    }
}
