import Contracts
import Foundation

/// A wanted track, read once: what every offer is compared with, and shared by all readings.
final class WantedRecording: Sendable {
    let title: String
    /// The title has neither letters nor digits.
    let isWordless: Bool
    let parts: TitleParts
    /// The main one first.
    let artists: [String]
    let album: String
    /// The marks that the title asks for.
    let marks: VersionMarks
    /// The marks of the album's name: a concert's recording need not say so in its title.
    let albumMarks: VersionMarks
    /// Title or artist are not in Latin letters.
    let isForeign: Bool
    let hasForeignTitle: Bool
    /// The title is in a script of single sounds: equal names are written alike.
    let isAlphabetic: Bool
    /// No way to write the title has Latin letters.
    let isUnreadableInLatin: Bool
    /// Named by composer, and so one of several performers' recordings of the same title.
    let isClassical: Bool
    let isExplicit: Bool
    let durationMS: Int?
    let trackNumber: Int?
    let discNumber: Int?
    let isrc: ISRC?

    /// Bytes; more is no name that a person has given.
    private static let maxLength = 1024
    private static let maxArtists = 32

    init(_ track: Track, _ reader: inout NameReader) {
        title = track.title.prefix(utf8: Self.maxLength)
        isWordless = !title.contains { $0.isLetter || $0.isNumber }
        parts = TitleParts(title, &reader)
        artists = (track.artists.flatMap { $0.isEmpty ? nil : $0 } ?? [track.artist]).prefix(Self.maxArtists).map {
            $0.prefix(utf8: Self.maxLength)
        }
        album = track.album.map { $0.prefix(utf8: Self.maxLength) } ?? ""
        hasForeignTitle = Script.isForeign(title)
        isAlphabetic = title.unicodeScalars.allSatisfy { $0.value < 0x1100 }
        isUnreadableInLatin = hasForeignTitle && parts.titles.allSatisfy(Script.isForeign)
        isForeign = hasForeignTitle || artists.contains(where: Script.isForeign) || Script.isForeign(album)
        marks = parts.marks
        let albumWords = reader.words(album)
        albumMarks = albumWords.items.reduce(into: []) { $0.formUnion($1.entry.marks.union($1.entry.folderMarks)) }
        isClassical = artists.count > 1 && Self.looksClassical(title, reader.words(title))
        isExplicit = track.explicit ?? false
        durationMS = track.durationMS
        trackNumber = track.trackNumber
        discNumber = track.discNumber
        isrc = track.isrc.flatMap(ISRC.init)
    }

    /// An opus, a key, a form, or the number of a movement: `Op. 9`, `in C Minor`, `Sonata`, `: II. `.
    private static func looksClassical(_ title: String, _ words: Words) -> Bool {
        if words.ids.contains(where: classicalSigns.contains) { return true }
        guard let colon = title.range(of: ": ") else { return false }
        let rest = title[colon.upperBound...]
        let numeral = rest.prefix { "IVX".contains($0) }
        return !numeral.isEmpty && rest.dropFirst(numeral.count).hasPrefix(". ")
    }

    private static let classicalSigns = WordSet(
        [
            "op", "opus", "bwv", "kv", "hob", "rv", "major", "minor", "symphony", "concerto", "sonata", "quartet",
            "suite",
        ].map { WordID($0) })
}

extension WantedRecording {
    /// The wanted names in one script: as they are written, or in Latin letters. Shared by all readings.
    final class Form: Sendable {
        let isAsWritten: Bool
        /// Words may differ as two romanisations do.
        let isLoose: Bool
        /// The title without its qualifiers, the fullest first.
        let titles: [Title]
        /// Of classical music: the work's name, and what stands behind it for one of its movements.
        let movements: [(work: Words, name: Words)]
        /// The main one first.
        let artists: [ArtistName]
        let album: Words
        /// Every word that the track itself explains.
        let known: WordSet
        /// Those of the title that nothing else of the track has.
        let titleOnly: WordSet
        /// Words that its qualifiers consist of, without marks and harmless ones: who remixed it, where it was played.
        let qualifierNames: WordSet
        let isClassical: Bool

        init(_ recording: WantedRecording, _ script: FormScript, _ reader: inout NameReader) {
            var names = reader
            defer { reader = names }
            isAsWritten = script == .asWritten
            isLoose = script == .romanised
            isClassical = recording.isClassical
            let read: (String) -> Words = { script == .asWritten ? names.words($0) : names.latin($0) }
            let qualifiers = recording.parts.qualifiers.map(read)
            let qualifierNames = qualifiers.flatMap { words in
                words.items.indices.filter { !words.isHarmless($0) && words.items[$0].entry.marks.isEmpty }
                    .map { words.items[$0].id }
            }
            artists = recording.artists.map { ArtistName($0, read) }
            album = read(recording.album)
            titles = Self.titles(recording.parts.titles, read)
            movements = recording.isClassical ? recording.parts.titles.compactMap { Self.movement($0, read) } : []
            let others = WordSet(artists.flatMap(\.words.ids) + qualifiers.flatMap(\.ids) + album.ids)
            let ofTitle = recording.parts.titles.flatMap { read($0).ids }
            known = others.union(ofTitle)
            titleOnly = WordSet(ofTitle.filter { !others.contains($0) })
            self.qualifierNames = WordSet(qualifierNames)
        }

        private static func movement(_ title: String, _ read: (String) -> Words) -> (work: Words, name: Words)? {
            guard let colon = title.range(of: ": ") else { return nil }
            let (work, name) = (read(String(title[..<colon.lowerBound])), read(String(title[colon.upperBound...])))
            // A word alone, such as "Kyrie", is telling; a number alone is not.
            return work.count > 1 && name.items.contains { !$0.isNumber && $0.range.count > 2 } ? (work, name) : nil
        }

        private static func titles(_ names: [String], _ read: (String) -> Words) -> [Title] {
            var titles = names.map { Title(words: read($0), isExactOnly: false) }
            for other in names.flatMap(Spellings.others) {
                let words = read(other)
                if !titles.contains(where: { $0.words.letters == words.letters }) {
                    titles.append(Title(words: words, isExactOnly: true))
                }
            }
            return titles.filter { !$0.words.isEmpty }
        }
    }

    /// How names are read for comparison.
    enum FormScript: Sendable {
        case asWritten
        /// Both sides in Latin letters, as two people may have romanised them.
        case romanised
        /// The same by machine on both sides: only signs that read alike are alike.
        case transliterated
    }

    /// A way to write the title.
    struct Title: Sendable {
        var words: Words
        /// Typing errors are not looked for.
        var isExactOnly: Bool
    }
}
