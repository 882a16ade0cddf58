/// What the folders of a file say about the wanted track.
struct FolderReading: Sendable {
    /// 1 is the main artist's own folder; 0 is that no folder bears the name.
    var artist = 0.0
    /// The same of the album.
    var album = 0.0
    var marks: Set<VersionMark> = []
    /// A credited artist besides the main one is named somewhere.
    var hasOtherArtist = false

    init(_ folders: [Words], wish: Wish.Form) {
        for (depth, folder) in folders.enumerated() {
            artist = max(artist, Self.ownFolder(of: wish.mainArtist, folder))
            // Further out than two, a folder of the album's name is the artist's or a genre's.
            if depth < 2, !wish.album.isEmpty { album = max(album, Self.ownFolder(of: wish.album, folder)) }
            marks.formUnion(Self.marks(folder, wish))
            hasOtherArtist = hasOtherArtist || Self.names(folder, wish.artists.dropFirst())
        }
    }

    /// How closely one part of the folder's name, or all of it, is the name.
    private static func ownFolder(of name: Words, _ folder: Words) -> Double {
        guard let found = folder.find(name) else { return inverted(name, folder) }
        let startsPart = isEdge(folder, found.range.lowerBound)
        let endsPart = isEdge(folder, found.range.upperBound)
        return startsPart && endsPart ? found.ratio : 0
    }

    /// "Family, Given": the same words in another order.
    private static func inverted(_ name: Words, _ folder: Words) -> Double {
        guard name.count == folder.count, name.count > 1 else { return 0 }
        return name.texts.sorted() == folder.texts.sorted() ? 1 : 0
    }

    /// Whether a part of the name begins here, not counting years and words that say nothing.
    private static func isEdge(_ folder: Words, _ index: Int) -> Bool {
        guard index > 0, index < folder.count else { return true }
        let word = folder.items[index]
        if word.followsDash || folder.items[index - 1].part != word.part { return true }
        return isFiller(folder, 0..<index) || isFiller(folder, index..<folder.count)
    }

    private static func isFiller(_ folder: Words, _ range: Range<Int>) -> Bool {
        range.allSatisfy { index in
            let text = folder.text(index)
            return folder.items[index].isNumber || VersionMarks.isHarmlessOrYear(text) || collections.contains(text)
        }
    }

    /// A word that marks a version, unless it belongs to the wanted names or the folder is a shelf of several kinds.
    private static func marks(_ folder: Words, _ wish: Wish.Form) -> Set<VersionMark> {
        let texts = folder.texts
        if texts.count > 1, texts.allSatisfy({ shelves.contains($0) }), texts.contains(where: plainShelves.contains) {
            return []
        }
        let marks = texts.filter { !wish.known.contains($0) }.compactMap(VersionMarks.mark)
        return Set(marks).intersection(telling).union(isConcertDate(folder) ? [.live] : [])
    }

    /// Bootlegs are named by day: `1962.03.18 - City`.
    private static func isConcertDate(_ folder: Words) -> Bool {
        guard folder.count > 3 else { return false }
        return (0..<folder.count - 2).contains { index in
            let texts = (index..<index + 3).map(folder.text)
            return (index..<index + 3).allSatisfy { folder.items[$0].isNumber } && texts[0].count == 4
                && VersionMarks.isHarmlessOrYear(texts[0]) && texts[1].count == 2 && texts[2].count == 2
        }
    }

    private static func names(_ folder: Words, _ artists: ArraySlice<Words>) -> Bool {
        artists.contains { folder.find($0) != nil || lastName($0, folder) }
    }

    private static func lastName(_ artist: Words, _ folder: Words) -> Bool {
        guard artist.count > 1, let last = artist.texts.last, last.count > 3 else { return false }
        return folder.texts.contains(last)
    }

    /// The kinds that whole folders are of; the others stand beside single titles.
    private static let telling: Set<VersionMark> = [
        .live, .karaoke, .cover, .session, .instrumental, .acoustic, .demo, .tempo,
    ]

    private static let plainShelves: Set<String> = [
        "albums", "studio", "originals", "singles", "eps", "music", "others", "more",
    ]
    private static let shelves = plainShelves.union([
        "live", "remixes", "bootlegs", "covers", "demos", "rarities", "compilations", "playlist", "unplugged",
    ])
    private static let collections: Set<String> = ["discography", "discografia", "collection", "complete", "works"]
}
