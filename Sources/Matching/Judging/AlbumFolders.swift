import Contracts

/// How much of an album each folder of a peer contains, so that its tracks are taken from the same one.
///
/// All jobs of an album compute the same numbers, because they share the result of one search.
struct AlbumFolders {
    private let tracks: Int
    private var names = NameReader()
    /// The number of files by folder.
    private var counts: [UInt64: Int] = [:]
    /// The folders of albums by the folders of their files.
    private var albums: [UInt64: UInt64] = [:]

    /// - Parameter tracks: How many tracks the album has.
    init(_ offers: [OfferedFile], tracks: Int) {
        self.tracks = tracks
        for offer in offers where !offer.isLocked { counts[folder(of: offer), default: 0] += 1 }
    }

    /// Returns how much of the album the file's folder lacks, from 0 for nothing to 5 for nearly all, and a number that
    /// identifies the folder. Files of the user's own are taken from wherever they are.
    mutating func place(of offer: OfferedFile) -> (missing: Int, folder: UInt64) {
        guard offer.user != nil else { return (0, 0) }
        let folder = folder(of: offer)
        let missing = max(0, tracks - (counts[folder] ?? 0))
        return (missing == 0 ? 0 : 1 + missing * 4 / max(tracks, 1), folder)
    }

    /// Returns a number for a peer, a folder and a type of files. The discs of an album are one folder.
    private mutating func folder(of offer: OfferedFile) -> UInt64 {
        var (user, path) = (offer.user ?? "", offer.path)
        let peer = user.withUTF8 { ByteHash.of($0, 0) }
        return path.withUTF8 { bytes in
            let parts = PathParser.parse(bytes)
            return album(bytes, parts.directory, peer) &+ UInt64(parts.type.rawValue)
        }
    }

    private mutating func album(
        _ bytes: UnsafeBufferPointer<UInt8>, _ directory: Range<Int>, _ peer: UInt64
    ) -> UInt64 {
        let whole = ByteHash.of(UnsafeBufferPointer(rebasing: bytes[directory]), peer)
        if let known = albums[whole] { return known }
        let folders = PathParser.folders(bytes, directory)
        var album = whole
        if let last = folders.first, isDisc(UnsafeBufferPointer(rebasing: bytes[last])) {
            album = ByteHash.of(UnsafeBufferPointer(rebasing: bytes[directory.lowerBound..<last.lowerBound]), peer)
        }
        albums[whole] = album
        return album
    }

    private mutating func isDisc(_ name: UnsafeBufferPointer<UInt8>) -> Bool {
        var words = Words()
        names.read(name, into: &words)
        return words.isDisc
    }
}
