import Files
import Foundation

/// The names of copies in the folder of a job. They depend only on a plain extension of the original's name, which
/// other people chose.
struct CopyTarget: Sendable {
    let folder: DiskFolder
    let fileExtension: String
    /// The beginning of the names of finished copies.
    let stem: String

    private static let largestNumber = 99

    /// - Parameter path: The path of the original. Only its extension is used, and only when it is plain.
    init(directory: URL, extensionOf path: String, stem: String = "source") {
        let suffix = path.split(separator: ".").last.map { $0.lowercased() } ?? ""
        let isPlain = (1...8).contains(suffix.count) && suffix.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) }
        folder = DiskFolder(directory.path(percentEncoded: false))
        fileExtension = isPlain ? suffix : "bin"
        self.stem = stem
    }

    /// The paths of finished copies in the order in which they are used: `source.flac`, `source-2.flac` …
    var paths: [String] {
        (1...Self.largestNumber).map { number in
            "\(folder.path)/\(stem)\(number == 1 ? "" : "-\(number)").\(fileExtension)"
        }
    }

    /// Returns a unique path for a copy that is not complete.
    func partialPath() -> String {
        "\(folder.path)/.source.\(fileExtension).\(UUID().uuidString.lowercased()).partial"
    }

    /// Creates the folder and removes partial copies of killed processes. Blocks.
    ///
    /// A partial copy that is being written is locked by its writer and is not removed.
    func prepare() throws(FileError) {
        try folder.make()
        for name in try folder.names() where name.hasPrefix(".source.") && name.hasSuffix(".partial") {
            let path = "\(folder.path)/\(name)"
            guard let file = try? OpenFile.reading(path), file.lock() else { continue }
            try OpenFile.remove(path)
        }
    }

    /// Returns the finished copies of a size. Blocks.
    func finished(ofSize size: Int64) throws(FileError) -> [String] {
        var finished: [String] = []
        for path in paths {
            guard let status = try FileStatus.read(path) else { break }
            if status.size == size { finished.append(path) }
        }
        return finished
    }
}
