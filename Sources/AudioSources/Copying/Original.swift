import Files
import Foundation

/// A file that is open for copying, and the attributes that it had when it was opened.
struct Original: ~Copyable {
    let file: OpenFile
    private let status: FileStatus

    /// Opens a regular file. Blocks.
    /// - Parameter size: The required size in bytes; `nil` for any size.
    /// - Throws: ``SourceError`` `gone`, `changed` when the size is another one, and so on.
    init(_ path: String, size: Int64?) throws(SourceError) {
        // Both properties are set last: a partly initialised value cannot be destroyed.
        let file = try Self.open(path)
        let status = try Self.status(of: file)
        guard size == nil || status.size == size else {
            throw SourceError(.changed, "\(path) has another size than the offered file; search again")
        }
        self.file = file
        self.status = status
    }

    private static func status(of file: borrowing OpenFile) throws(SourceError) -> FileStatus {
        do throws(FileError) {
            return try file.status()
        } catch {
            throw SourceError(error)
        }
    }

    private static func open(_ path: String) throws(SourceError) -> OpenFile {
        do throws(FileError) {
            guard let file = try OpenFile.reading(path) else { throw FileError("open", path, number: ENOENT) }
            return file
        } catch {
            throw SourceError(error)
        }
    }

    /// Whether the file still has the content and a name as when it was opened. Blocks.
    var isUnchanged: Bool {
        guard let now = try? file.status(), now.linkCount > 0 else { return false }
        return now.inode == status.inode && now.size == status.size && now.modifiedSeconds == status.modifiedSeconds
            && now.modifiedNanoseconds == status.modifiedNanoseconds
    }

    /// Reads the whole file and returns its hash. Blocks.
    func hash(_ flag: CancellationFlag) throws -> String { try file.content { _ in try flag.check() }.sha256 }
}
