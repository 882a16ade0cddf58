import Contracts
import Foundation

/// The wanted track, parsed once for comparison with every offer.
final class WantedRecording: Sendable {
    let title: String
    /// Whether the title has neither letters nor digits.
    let isWordless: Bool
    let parts: TitleParts
    /// The credited artists, the main one first.
    let artists: [String]
    let album: String
    /// The version marks in the title.
    let marks: VersionMarks
    /// The version marks in the name of the album. The title of a track on a live album often has no mark.
    let albumMarks: VersionMarks
    /// The same, and the mark of a first word that can be a part of a name: `Live Cargo`.
    let looseAlbumMarks: VersionMarks
    /// Whether title, artist or album has letters that are not Latin.
    let isForeign: Bool
    let hasForeignTitle: Bool
    /// Whether the title is in an alphabetic script, in which equal names have equal spellings.
    let isAlphabetic: Bool
    /// Whether no form of the title has Latin letters.
    let isUnreadableInLatin: Bool
    /// Whether the track is classical: the main artist is the composer, and several performers recorded the same title.
    let isClassical: Bool
    let isExplicit: Bool
    let durationMS: Int?
    let trackNumber: Int?
    let discNumber: Int?
    let isrc: ISRC?

    /// The maximum length of a name in bytes. The rest is ignored.
    private static let maxLength = 1024
    private static let maxArtists = 32

    init(_ track: Track, _ reader: inout NameReader) {
        title = track.title.prefix(utf8: Self.maxLength)
        isWordless = !title.contains { $0.isLetter || $0.isNumber }
        artists = (track.artists.flatMap { $0.isEmpty ? nil : $0 } ?? [track.artist]).prefix(Self.maxArtists).map {
            $0.prefix(utf8: Self.maxLength)
        }
        parts = TitleParts(title, by: artists, &reader)
        album = track.album.map { $0.prefix(utf8: Self.maxLength) } ?? ""
        hasForeignTitle = Script.isForeign(title)
        isAlphabetic = title.unicodeScalars.allSatisfy { $0.value < 0x1100 }
        isUnreadableInLatin = hasForeignTitle && parts.titles.allSatisfy(Script.isForeign)
        isForeign = hasForeignTitle || artists.contains(where: Script.isForeign) || Script.isForeign(album)
        marks = parts.marks
        let albumWords = reader.words(album)
        albumMarks = Self.albumMarks(albumWords)
        looseAlbumMarks = albumWords.items.reduce(into: []) {
            $0.formUnion($1.entry.marks.union($1.entry.folderMarks))
        }
        isClassical = artists.count > 1 && Self.looksClassical(title, reader.words(title))
        isExplicit = track.explicit ?? false
        durationMS = track.durationMS
        trackNumber = track.trackNumber
        discNumber = track.discNumber
        isrc = track.isrc.flatMap(ISRC.init)
    }

    /// Returns the marks in an album's name. A first word that a plain one follows is a part of a name: `Live Cargo`.
    private static func albumMarks(_ words: Words) -> VersionMarks {
        let isName =
            words.count > 1 && words.items[1].part == words.items[0].part && !words.items[1].isNumber
            && words.items[1].entry == Lexicon.Entry()
        return words.items.dropFirst(isName ? 1 : 0).reduce(into: []) {
            $0.formUnion($1.entry.marks.union($1.entry.folderMarks))
        }
    }

    /// Returns whether the title names an opus, a key, a form or a movement: `Op. 9`, `in C Minor`, `Sonata`, `: II. `.
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
