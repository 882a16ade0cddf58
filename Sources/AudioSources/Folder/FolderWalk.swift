import Contracts
import Files
import Foundation

/// A walk through a tree of folders that finds audio files in steps. Blocks.
///
/// Links are never followed, so the walk ends on any tree. A linked tree can be a root of its own. Hidden names and
/// folders for system data are skipped.
struct FolderWalk: Sendable {
    struct Listing: Sendable {
        let folder: String
        let files: [FoundFile]
    }

    struct Problem: Sendable, Equatable {
        let path: String
        let reason: String
    }

    private var pending: [String]
    /// Folders and files that could not be read since the caller last cleared this list.
    var problems: [Problem] = []

    private static let skipped: Set<String> = [
        "lost+found", "@eaDir", "#recycle", "#snapshot", "$RECYCLE.BIN", "System Volume Information",
    ]

    init(root: String) { pending = [root] }

    /// Lists folders until about `fileCount` files are found. An empty result is the end of the walk.
    mutating func next(_ fileCount: Int) -> [Listing] {
        var listings: [Listing] = []
        var found = 0
        while found < fileCount, listings.count < 64, let folder = pending.popLast() {
            guard let listing = list(folder) else { continue }
            found += listing.files.count
            listings.append(listing)
        }
        return listings
    }

    private mutating func list(_ folder: String) -> Listing? {
        guard let stream = opendir(folder) else {
            problems.append(Problem(path: folder, reason: FileError("list", folder, number: errno).reason))
            return nil
        }
        defer { closedir(stream) }
        var files: [FoundFile] = []
        errno = 0
        while let entry = readdir(stream) {
            visit(entry, of: folder, descriptor: dirfd(stream), &files)
            errno = 0
        }
        guard errno == 0 else {
            problems.append(Problem(path: folder, reason: FileError("list", folder, number: errno).reason))
            return nil
        }
        return Listing(folder: folder, files: files)
    }

    private mutating func visit(
        _ entry: UnsafeMutablePointer<dirent>, of folder: String, descriptor: Int32, _ files: inout [FoundFile]
    ) {
        let text = withUnsafeBytes(of: &entry.pointee.d_name) {
            String(validating: $0.prefix { $0 != 0 }, as: UTF8.self)
        }
        guard let name = text else {
            problems.append(Problem(path: folder, reason: "it contains a name that is not UTF-8; rename that file"))
            return
        }
        guard !name.hasPrefix("."), !Self.skipped.contains(name) else { return }
        let kind = Int(entry.pointee.d_type)
        let hasAudioName = AudioFileExtension(path: name) != nil
        guard hasAudioName || kind == Int(DT_DIR) || kind == Int(DT_UNKNOWN) else { return }
        var status = stat()
        guard fstatat(descriptor, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else {
            let isGone = errno == ENOENT
            let reason = FileError("examine", name, number: errno).reason
            if !isGone { problems.append(Problem(path: "\(folder)/\(name)", reason: reason)) }
            return
        }
        switch status.st_mode & S_IFMT {
        case S_IFDIR: pending.append("\(folder)/\(name)")
        case S_IFREG where hasAudioName && status.st_size > 0:
            files.append(FoundFile(folder: folder, name: name, stamp: FileStamp(status)))
        default: break
        }
    }
}
