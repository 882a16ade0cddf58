import AudioFiles
import Contracts
import Foundation

/// The attributes that show whether a file changed since it was indexed.
struct FileStamp: Sendable, Equatable {
    /// Bytes.
    var size: Int64
    /// Nanoseconds since 1970.
    var modified: Int64
    var inode: Int64

    init(size: Int64, modified: Int64, inode: Int64) {
        self.size = size
        self.modified = modified
        self.inode = inode
    }

    init(_ status: stat) {
        size = Int64(status.st_size)
        modified = Int64(status.st_mtim.tv_sec) &* 1_000_000_000 &+ Int64(status.st_mtim.tv_nsec)
        inode = Int64(truncatingIfNeeded: status.st_ino)
    }
}

/// A file with an audio extension that a walk found.
struct FoundFile: Sendable, Equatable {
    let folder: String
    let name: String
    let stamp: FileStamp

    var path: String { "\(folder)/\(name)" }
}

/// A file as the index stores it. It has no properties when its content is not audio.
struct IndexedFile: Sendable {
    let found: FoundFile
    let properties: AudioProperties?
    let tags: AudioTags

    /// Reads the file. Blocks.
    ///
    /// Content that is not audio is not an error: the file can be offered and is rejected later, with evidence.
    ///
    /// - Throws: `AudioFileError` when the file cannot be read now. The next scan tries again.
    static func read(_ found: FoundFile) throws(AudioFileError) -> IndexedFile {
        do throws(AudioFileError) {
            let file = try AudioFile.read(at: found.path)
            return IndexedFile(found: found, properties: file.properties, tags: file.tags)
        } catch {
            guard error.isAboutContent else { throw error }
            return IndexedFile(found: found, properties: nil, tags: AudioTags())
        }
    }
}
