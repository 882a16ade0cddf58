import Contracts

/// A path below the music folder: folders, and a file name that gets a number when it is taken.
struct LibraryPath: Sendable, Equatable {
    /// The limit of the whole path below the music folder, in bytes. It leaves room for the path of the folder itself.
    static let longest = 1024

    let folders: [String]
    private let stem: String
    private let fileExtension: String
    private let limit: Int

    init(folders: [String], stem: String, fileExtension: String) {
        let whole = (folders + [stem]).reduce(fileExtension.utf8.count + 8) { $0 + min($1.utf8.count, 255) + 1 }
        limit = whole <= Self.longest ? PathComponent.longest : Self.longest / (folders.count + 1) - 1
        self.folders = folders.map { [limit] in PathComponent(folder: $0, fallback: "Unknown", limit: limit).text }
        self.stem = stem
        self.fileExtension = PathComponent(folder: fileExtension, fallback: "", limit: 16).text.lowercased()
    }

    /// Returns the file name; from 2 on, with the number after the title.
    func fileName(_ number: Int = 1) -> String {
        PathComponent(
            file: stem, fileExtension: fileExtension, number: number, fallback: "Unknown Title", limit: limit
        ).text
    }
}
