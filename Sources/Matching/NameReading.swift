/// What one name — a file's, or a title tag — says about the wanted track, word by word.
struct NameReading: Sendable {
    /// 1 is the wanted title letter by letter; 0 is that it is not there.
    var title = 0.0
    /// The title as it is spelt here, where that is not letter by letter the wanted one.
    var otherSpelling: String?
    /// The same of the closest credited artist, the main one for most music.
    var artist = 0.0
    var marks: Set<VersionMark> = []
    /// The first words that nothing explains: another title's, another artist's or an unknown version's. Not collected
    /// where the title is missing anyway.
    var unexplained: [String] = []
    /// The names of the wanted qualifier that are there.
    var qualifierNames = 0
    /// A credited artist besides the main one is there.
    var hasOtherArtist = false
    private var artistPart: Int?

    init(_ words: Words, wish: Wish.Form, folder: Words?) {
        var explained = [Bool](repeating: false, count: words.count)
        if let found = Self.findTitle(words, wish.titles) {
            title = found.ratio
            if found.ratio < 1 { otherSpelling = words.text(found.range) }
            for index in found.range { explained[index] = true }
        }
        readArtists(words, wish, &explained)
        readRest(words, wish, explained, folder)
    }

    /// The fullest way to write the title that is there.
    private static func findTitle(_ words: Words, _ titles: [Words]) -> (range: Range<Int>, ratio: Double)? {
        for title in titles {
            if let found = words.find(title) { return found }
        }
        return nil
    }

    private mutating func readArtists(_ words: Words, _ wish: Wish.Form, _ explained: inout [Bool]) {
        for (index, artist) in wish.artists.enumerated() {
            guard let found = artist.find(in: words, where: { !$0.contains { explained[$0] } }) else { continue }
            if index == 0 {
                self.artist = found.ratio
                artistPart = words.items[found.range.lowerBound].part
            } else {
                hasOtherArtist = true
            }
            for index in found.range { explained[index] = true }
        }
    }

    private mutating func readRest(_ words: Words, _ wish: Wish.Form, _ explained: [Bool], _ folder: Words?) {
        for index in words.items.indices where !explained[index] {
            let id = words.items[index].id
            if !wish.qualifierNames.isEmpty, wish.qualifierNames.contains(id) { qualifierNames += 1 }
            if VersionMarks.mark(id) != nil {
                if let mark = Self.mark(words, index) { marks.insert(mark) }
            } else if !wish.known.contains(id), !VersionMarks.isHarmless(words, index),
                !Self.isCounter(words, index), !Self.isEnding(words, index, folder), !isAlbumPart(words, index, folder)
            {
                if title > 0, unexplained.count < 4 { unexplained.append(words.text(index)) }
            }
        }
    }

    /// The last word: the group that released the folder, or the mark of an explicit track.
    private static func isEnding(_ words: Words, _ index: Int, _ folder: Words?) -> Bool {
        guard index == words.count - 1 else { return false }
        let id = words.items[index].id
        return id == folder?.items.last?.id || id == WordID(UInt8(ascii: "e"))
    }

    /// A part that repeats the folder's name, while another names the artist: so it is an album, not a second artist.
    private func isAlbumPart(_ words: Words, _ index: Int, _ folder: Words?) -> Bool {
        let part = words.items[index].part
        guard let artistPart, artistPart != part, let folder else { return false }
        return words.items.allSatisfy { word in
            word.part != part || folder.items.contains { $0.id == word.id }
        }
    }

    /// "Original mix" says that there is nothing to say, "radio mix" that it is an edit.
    private static func mark(_ words: Words, _ index: Int) -> VersionMark? {
        let mark = VersionMarks.mark(words.items[index].id)
        guard mark == .remix, index > 0 else { return mark }
        switch words.text(index - 1) {
        case "original", "album", "studio": return nil
        case "radio", "single": return .edit
        default: return mark
        }
    }

    /// A number that counts tracks, discs or copies: at the beginning of a part, or a part of its own.
    private static func isCounter(_ words: Words, _ index: Int) -> Bool {
        let word = words.items[index]
        guard word.isNumber, word.range.count <= 3 else { return index == 0 && isSide(words.letters[word.range]) }
        let isFirst = index == 0 || words.items[index - 1].part != word.part
        let isLast = index == words.count - 1 || words.items[index + 1].part != word.part
        if isFirst && (isLast || word.range.count >= 2 || index == 0) { return true }
        return index == 1 && words.items[0].isNumber
    }

    /// The side and place on a record: `a1`, `b02`.
    private static func isSide(_ word: ArraySlice<UInt8>) -> Bool {
        guard (2...3).contains(word.count), let side = word.first else { return false }
        return (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(side)
            && word.dropFirst().allSatisfy { (48...57).contains($0) }
    }
}
