public import AudioFiles
public import Foundation

extension AudioFixture {
    /// Fills `directory` with a small music collection: `count` files in all formats, as `Artist/Album/01 Title.ext`,
    /// ten tracks an album; their tags differ, and so do their bytes. Returns the files in order.
    @discardableResult
    public static func collection(of count: Int, in directory: URL) throws -> [URL] {
        try (0..<count).map { index in
            let tags = collectionTags(index)
            let fixture = allCases[index % allCases.count]
            let folder = "\(tags.artist ?? "")/\(tags.album ?? "")"
            let number = tags.trackNumber.map { $0 < 10 ? "0\($0)" : "\($0)" } ?? ""
            return try fixture.copy(to: directory, named: "\(folder)/\(number) \(tags.title ?? "")", tags: tags)
        }
    }

    /// The tags of the file at `index` of a ``collection(of:in:)``.
    public static func collectionTags(_ index: Int) -> AudioTags {
        var tags = AudioTags()
        tags.title = "Song \(index)"
        tags.artist = "Artist \(index / 50)"
        tags.album = "Album \(index / 10)"
        tags.trackNumber = index % 10 + 1
        tags.trackTotal = 10
        return tags
    }
}
