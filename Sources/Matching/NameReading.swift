/// What one name — a file's, or a title tag — says about the wanted track, word by word.
struct NameReading: Sendable {
    /// 1 is the wanted title letter by letter; 0 is that it is not there.
    var title = 0.0
    /// The same of the closest credited artist, the main one for most music.
    var artist = 0.0
    var marks: Set<VersionMark> = []
    /// Words that nothing explains: another title's, another artist's or an unknown version's.
    var unexplained: [String] = []
    /// The names of the wanted qualifier that are there.
    var qualifierNames = 0
    /// A credited artist besides the main one is there.
    var hasOtherArtist = false

    init(_ words: Words, wish: Wish.Form, sceneGroup: String?) {
        var explained = [Bool](repeating: false, count: words.count)
        if let found = Self.findTitle(words, wish.titles) {
            title = found.ratio
            for index in found.range { explained[index] = true }
        }
        readArtists(words, wish, &explained)
        readRest(words, wish, explained, sceneGroup)
    }

    /// The fullest way to write the title that is there.
    private static func findTitle(_ words: Words, _ titles: [Words]) -> (range: Range<Int>, ratio: Double)? {
        for title in titles {
            if let found = words.find(title) { return found }
        }
        return nil
    }

    private mutating func readArtists(_ words: Words, _ wish: Wish.Form, _ explained: inout [Bool]) {
        for (index, name) in wish.artists.enumerated() {
            guard let found = words.find(name, skipping: { explained[$0] }) else { continue }
            if index == 0 { artist = found.ratio } else { hasOtherArtist = true }
            for index in found.range { explained[index] = true }
        }
    }

    private mutating func readRest(_ words: Words, _ wish: Wish.Form, _ explained: [Bool], _ sceneGroup: String?) {
        for index in words.items.indices where !explained[index] {
            let text = words.text(index)
            if wish.qualifierNames.contains(text) { qualifierNames += 1 }
            if let mark = Self.mark(words, index, text) {
                marks.insert(mark)
            } else if !wish.known.contains(text), !VersionMarks.isHarmlessOrYear(text),
                !Self.isCounter(words, index), !(text == sceneGroup && index == words.count - 1)
            {
                unexplained.append(text)
            }
        }
    }

    /// "Original mix" and "album version" say that there is nothing to say.
    private static func mark(_ words: Words, _ index: Int, _ text: String) -> VersionMark? {
        guard let mark = VersionMarks.mark(text) else { return nil }
        guard mark == .remix, index > 0 else { return mark }
        switch words.text(index - 1) {
        case "original", "album": return nil
        case "radio", "single": return .edit
        default: return mark
        }
    }

    /// A number that counts tracks, discs or copies: at the beginning of a part, or a part of its own.
    private static func isCounter(_ words: Words, _ index: Int) -> Bool {
        let word = words.items[index]
        guard word.isNumber, word.range.count <= 3 else {
            return index == 0 && isSide(words.text(index))
        }
        let isFirst = index == 0 || words.items[index - 1].part != word.part
        let isLast = index == words.count - 1 || words.items[index + 1].part != word.part
        if isFirst && (isLast || word.range.count >= 2 || index == 0) { return true }
        return index == 1 && words.items[0].isNumber
    }

    /// The side and place on a record: `a1`, `b02`.
    private static func isSide(_ text: String) -> Bool {
        text.count >= 2 && text.count <= 3 && "abcdef".contains(text.first ?? " ") && text.dropFirst().allSatisfy(\.isNumber)
    }
}
