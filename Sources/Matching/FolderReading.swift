/// What the folders of a file say about the wanted track.
struct FolderReading: Sendable {
    /// 1 is the main artist's own folder; 0 is that no folder bears the name.
    var artist = 0.0
    /// The same of the album.
    var album = 0.0
    var marks: Set<VersionMark> = []
    /// A credited artist besides the main one is named somewhere.
    var hasOtherArtist = false

    init() {}

    /// - Parameter isNear: further out than two, a folder of the album's name is the artist's or a genre's.
    init(_ folder: Words, isNear: Bool, wish: Wish.Form) {
        if let main = wish.artists.first { artist = Self.ownFolder(of: main, folder) }
        if isNear, !wish.album.isEmpty { album = Self.ownFolder(of: wish.album, folder) }
        marks = Self.marks(folder, wish)
        hasOtherArtist = Self.names(folder, wish.artists.dropFirst())
    }

    mutating func add(_ other: FolderReading) {
        artist = max(artist, other.artist)
        album = max(album, other.album)
        if !other.marks.isEmpty { marks.formUnion(other.marks) }
        hasOtherArtist = hasOtherArtist || other.hasOtherArtist
    }

    /// How closely one part of the folder's name, or all of it, is the name.
    private static func ownFolder(of name: ArtistName, _ folder: Words) -> Double {
        name.find(in: folder) { standsAlone(folder, $0) }?.ratio
            ?? inverted(name.words, folder)
    }

    private static func ownFolder(of album: Words, _ folder: Words) -> Double {
        folder.find(album) { standsAlone(folder, $0) }?.ratio ?? 0
    }

    /// "Family, Given": the same words in another order.
    private static func inverted(_ name: Words, _ folder: Words) -> Double {
        guard name.count == folder.count, name.count > 1 else { return 0 }
        return name.texts.sorted() == folder.texts.sorted() ? 1 : 0
    }

    /// Whether the place is a part of its own, not counting years and words that say nothing.
    private static func standsAlone(_ folder: Words, _ range: Range<Int>) -> Bool {
        let (start, end) = (range.lowerBound, range.upperBound)
        return (isEdge(folder, start) || isFiller(folder, 0..<start))
            && (isEdge(folder, end) || isFiller(folder, end..<folder.count))
    }

    private static func isEdge(_ folder: Words, _ index: Int) -> Bool {
        guard index > 0, index < folder.count else { return true }
        return folder.items[index].followsDash || folder.items[index - 1].part != folder.items[index].part
    }

    private static func isFiller(_ folder: Words, _ range: Range<Int>) -> Bool {
        range.allSatisfy { index in
            let word = folder.items[index]
            return word.isNumber || VersionMarks.isHarmless(folder, index) || collections.contains(word.id)
        }
    }

    /// A word that marks a version, unless it belongs to the wanted names or the folder is a shelf of several kinds.
    private static func marks(_ folder: Words, _ wish: Wish.Form) -> Set<VersionMark> {
        let ids = folder.ids
        if ids.count > 1, ids.allSatisfy(shelves.contains), ids.contains(where: plainShelves.contains) { return [] }
        var marks: Set<VersionMark> = isConcertDate(folder) ? [.live] : []
        for id in ids where !wish.known.contains(id) {
            if let mark = VersionMarks.mark(id), telling.contains(mark) { marks.insert(mark) }
        }
        return marks
    }

    /// Bootlegs are named by day: `1962.03.18 - City`.
    private static func isConcertDate(_ folder: Words) -> Bool {
        guard folder.count > 3 else { return false }
        return (0..<folder.count - 2).contains { index in
            guard folder.items[index].isYear else { return false }
            let texts = (index..<index + 3).map(folder.text)
            return texts[1].count == 2 && texts[2].count == 2 && (1...12).contains(Int(texts[1]) ?? 0)
                && (1...31).contains(Int(texts[2]) ?? 0)
        }
    }

    private static func names(_ folder: Words, _ artists: ArraySlice<ArtistName>) -> Bool {
        artists.contains { $0.find(in: folder) { _ in true } != nil || lastName($0.words, folder) }
    }

    private static func lastName(_ artist: Words, _ folder: Words) -> Bool {
        guard artist.count > 1, let last = artist.texts.last, last.count > 3 else { return false }
        return folder.texts.contains(last)
    }

    /// The kinds that whole folders are of; the others stand beside single titles.
    private static let telling: Set<VersionMark> = [
        .live, .karaoke, .cover, .session, .instrumental, .acoustic, .demo, .tempo, .clean,
    ]

    private static let plainShelves = Set(Words("albums studio originals singles eps music others more").ids)
    private static let shelves = plainShelves.union(
        Words("live remixes bootlegs covers demos rarities compilations playlist unplugged").ids)
    private static let collections = Set(Words("discography discografia collection complete works").ids)
}
