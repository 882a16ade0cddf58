import Foundation

/// Removes temporary files that killed processes left: drafts of small files, and files of volume checks.
///
/// They have no effect, but every kill can leave one.
public enum DraftSweep {
    /// Removes those in a folder, but not in the folders below it. Blocks.
    ///
    /// - Parameter age: younger files stay: another process may be about to give them their names. It should be longer
    ///   than the clocks of the processes and of a file server can differ.
    /// - Returns: how many files were removed.
    @discardableResult
    public static func run(in folder: String, olderThan age: Duration) throws(FileError) -> Int {
        let oldest = Int64(Date().timeIntervalSince1970) - age.components.seconds
        var count = 0
        for name in try DiskFolder(folder).names() where isDraft(name) {
            let path = "\(folder)/\(name)"
            guard let status = try FileStatus.read(path), status.kind == .file, status.modifiedSeconds < oldest else {
                continue
            }
            try OpenFile.remove(path)
            count += 1
        }
        return count
    }

    private static func isDraft(_ name: String) -> Bool {
        name.hasPrefix(".hdm-probe-") || (name.hasPrefix(".hdm-") && name.hasSuffix(".draft"))
    }
}
