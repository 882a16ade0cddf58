/// A file that only its owner may read and write.
public enum PrivateFile {
    /// Creates an empty file, or restricts the access to an existing one. Blocks.
    ///
    /// For files that a library opens later, such as databases. SQLite gives its other files the same mode.
    public static func prepare(_ path: String) throws(FileError) {
        try OpenFile.updating(path, mode: 0o600).setMode(0o600)
    }
}
