/// The names of the wanted recording in one script: as they are written, or in Latin letters.
final class WantedNames: Sendable {
    let isAsWritten: Bool
    /// Whether words are compared as two romanisations of one name.
    let isLoose: Bool
    /// The forms of the title without its qualifiers, the longest first.
    let titles: [WantedTitle]
    /// For classical music: the name of the work, and that of the movement.
    let movements: [(work: Words, name: Words)]
    /// The credited artists, the main one first.
    let artists: [ArtistName]
    let album: Words
    /// All words of the wanted names.
    let known: WordSet
    /// The words of the artists, the album and the title without its version.
    let named: WordSet
    let artistWords: WordSet
    /// The words of the title without its version.
    let title: WordSet
    /// The words that occur only in the title.
    let titleOnly: WordSet
    /// The words that occur only in the album's name.
    let albumOnly: WordSet
    /// The names in the qualifiers, without version marks and harmless words: the remixer, the venue.
    let qualifierNames: WordSet
    let isClassical: Bool
    /// Whether mono or stereo is wanted.
    let hasChannels: Bool

    init(_ recording: WantedRecording, _ script: NameScript, _ reader: inout NameReader) {
        var names = reader
        defer { reader = names }
        isAsWritten = script == .asWritten
        isLoose = script == .romanised
        isClassical = recording.isClassical
        hasChannels = !recording.parts.channels.isEmpty
        let read: (String) -> Words = { script == .asWritten ? names.words($0) : names.latin($0) }
        let qualifiers = recording.parts.qualifiers.map(read)
        let qualifierNames = qualifiers.flatMap { words in
            words.items.indices.filter { Self.isName(words, $0) }
                .map { words.items[$0].id }
        }
        artists = recording.artists.map { ArtistName($0, read) }
        album = read(recording.album)
        titles = Self.titles(recording.parts.titles, read)
        movements = recording.isClassical ? recording.parts.titles.compactMap { Self.movement($0, read) } : []
        let others = WordSet(artists.flatMap(\.words.ids) + qualifiers.flatMap(\.ids) + album.ids)
        let ofTitle = recording.parts.titles.flatMap { read($0).ids }
        known = others.union(ofTitle)
        artistWords = WordSet(artists.flatMap(\.words.ids))
        title = WordSet(ofTitle)
        named = WordSet(artists.flatMap(\.words.ids) + album.ids + ofTitle)
        let (ofArtists, inTitle) = (artistWords, title)
        albumOnly = WordSet(album.ids.filter { !ofArtists.contains($0) && !inTitle.contains($0) })
        titleOnly = WordSet(ofTitle.filter { !others.contains($0) })
        self.qualifierNames = WordSet(qualifierNames)
    }

    /// Returns whether a word of a qualifier names its version. Years do so only in "2011 Version".
    private static func isName(_ words: Words, _ index: Int) -> Bool {
        let word = words.items[index]
        if word.isYear {
            return words.items.contains { $0.entry.kinds.contains(.version) }
                && !words.items.contains { $0.entry.kinds.contains(.edition) }
        }
        // "At" and "in" stand in the names of all concerts.
        let isConcert = words.items.contains { $0.entry.marks.contains(.live) }
        return !words.isHarmless(index) && word.entry.marks.isEmpty
            && !(isConcert && !word.entry.kinds.isDisjoint(with: [.place, .soft]))
    }

    private static func movement(_ title: String, _ read: (String) -> Words) -> (work: Words, name: Words)? {
        guard let colon = title.range(of: ": ") else { return nil }
        let (work, name) = (read(String(title[..<colon.lowerBound])), read(String(title[colon.upperBound...])))
        // A single word such as "Kyrie" identifies a movement; a single number does not.
        return work.count > 1 && name.items.contains { !$0.isNumber && $0.range.count > 2 } ? (work, name) : nil
    }

    private static func titles(_ names: [String], _ read: (String) -> Words) -> [WantedTitle] {
        var titles = names.map { WantedTitle(words: read($0), isExactOnly: false) }
        for other in names.flatMap(Spellings.others) {
            let words = read(other)
            if !titles.contains(where: { $0.words.letters == words.letters }) {
                titles.append(WantedTitle(words: words, isExactOnly: true))
            }
        }
        return titles.filter { !$0.words.isEmpty }
    }
}

/// The script in which names are compared.
enum NameScript: Sendable {
    case asWritten
    /// Both sides in Latin letters, compared as two romanisations of one name.
    case romanised
    /// Both sides in Latin letters by the same transliteration, so that only equal readings match.
    case transliterated
}

/// A form of the wanted title. A class, because every name of a search is compared with it.
final class WantedTitle: Sendable {
    let words: Words
    /// Whether only an exact occurrence matches.
    let isExactOnly: Bool

    init(words: Words, isExactOnly: Bool) {
        self.words = words
        self.isExactOnly = isExactOnly
    }
}
