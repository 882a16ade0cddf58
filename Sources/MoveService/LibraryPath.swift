import Contracts

/// A wanted place below the music folder: folders, and a file name that can be numbered when it is taken.
struct LibraryPath: Sendable, Equatable {
    /// Bytes of the whole path below the music folder; leaves room for where the folder is mounted.
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

    /// The file name; from 2 on with the number behind the title.
    func fileName(_ number: Int = 1) -> String {
        PathComponent(
            file: stem, fileExtension: fileExtension, number: number, fallback: "Unknown Title", limit: limit
        ).text
    }
}
