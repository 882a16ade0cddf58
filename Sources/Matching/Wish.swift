import Contracts
import Foundation

/// A wanted track, read once: the forms and parts that every offer is compared with.
struct Wish: Sendable {
    /// The title in one script: as it is written, or in Latin letters.
    struct Form: Sendable {
        var isAsWritten: Bool
        /// The title without its qualifiers, the fullest first.
        var titles: [Words]
        /// The main one first.
        var artists: [ArtistName]
        var album: Words
        /// Every word that the track itself explains.
        var known: Set<WordID>
        /// Words that its qualifiers consist of, without marks and harmless ones: who remixed it, where it was played.
        var qualifierNames: Set<WordID>
    }

    let form: Form
    /// Only where something is not in Latin letters.
    let latin: Form?
    /// The marks that the title asks for.
    let marks: Set<VersionMark>
    /// The marks of the album's name: a concert's recording need not say so in its title.
    let albumMarks: Set<VersionMark>
    let isForeign: Bool
    /// Named by composer, and so one of several performers' recordings of the same title.
    let isClassical: Bool
    let isExplicit: Bool
    let durationMS: Int?
    let trackNumber: Int?
    let discNumber: Int?
    let isrc: String?

    /// Characters; more is no name that a person has given.
    private static let maxLength = 512
    private static let maxArtists = 32

    init(_ track: Track) {
        let parts = TitleParts(String(track.title.prefix(Self.maxLength)))
        let artists = (track.artists.flatMap { $0.isEmpty ? nil : $0 } ?? [track.artist]).prefix(Self.maxArtists).map {
            String($0.prefix(Self.maxLength))
        }
        let album = track.album.map { String($0.prefix(Self.maxLength)) } ?? ""
        let texts = [track.title, album] + artists
        isForeign = Normalizer.isForeign(track.title)
        form = Self.form(parts, artists, album, isAsWritten: true) { Words($0) }
        latin =
            texts.contains(where: Normalizer.isForeign)
            ? Self.form(parts, artists, album, isAsWritten: false) { Words(latin: $0) } : nil
        marks = parts.marks
        albumMarks = Set(Words(album).ids.compactMap(VersionMarks.mark))
        isClassical = artists.count > 1 && Self.looksClassical(track.title)
        isExplicit = track.explicit ?? false
        durationMS = track.durationMS
        trackNumber = track.trackNumber
        discNumber = track.discNumber
        isrc = track.isrc?.comparableISRC
    }

    private static func form(
        _ parts: TitleParts, _ artists: [String], _ album: String, isAsWritten: Bool, _ read: (String) -> Words
    ) -> Form {
        let artistNames = artists.map { ArtistName($0, read) }
        let album = read(album)
        let qualifiers = parts.qualifiers.map(read)
        let names = qualifiers.flatMap { words in
            words.items.indices.filter { !VersionMarks.isHarmless(words, $0) }.map { words.items[$0].id }
        }.filter { VersionMarks.mark($0) == nil }
        var known = Set(artistNames.flatMap(\.words.ids)).union(qualifiers.flatMap(\.ids)).union(album.ids)
        for title in parts.titles { known.formUnion(read(title).ids) }
        return Form(
            isAsWritten: isAsWritten, titles: titles(parts, read), artists: artistNames, album: album, known: known,
            qualifierNames: Set(names))
    }

    private static func titles(_ parts: TitleParts, _ read: (String) -> Words) -> [Words] {
        let titles = parts.titles.map(read)
        let runTogether = parts.titles.map { Words(runTogether: $0, read) }.filter { words in
            !titles.contains { $0.letters == words.letters }
        }
        return (titles + runTogether).filter { !$0.isEmpty }
    }

    /// An opus, a key, a form, or the number of a movement: `Op. 9`, `in C Minor`, `Sonata`, `: II. `.
    private static func looksClassical(_ title: String) -> Bool {
        let signs: Set<String> = [
            "op", "opus", "bwv", "kv", "hob", "rv", "major", "minor", "symphony", "concerto", "sonata", "quartet",
            "suite",
        ]
        if Words(title).texts.contains(where: signs.contains) { return true }
        guard let colon = title.range(of: ": ") else { return false }
        let rest = title[colon.upperBound...]
        let numeral = rest.prefix { "IVX".contains($0) }
        return !numeral.isEmpty && rest.dropFirst(numeral.count).hasPrefix(". ")
    }
}

/// A title taken apart into its name and what is said about it in brackets and behind dashes.
struct TitleParts: Sendable {
    /// Ways to write the name without its qualifiers, the fullest first.
    private(set) var titles: [String] = []
    /// Guests, versions and remasters.
    private(set) var qualifiers: [String] = []
    private(set) var marks: Set<VersionMark> = []

    init(_ title: String) {
        let (core, extras) = Self.split(title)
        var full = core
        var isCoreEnough = true
        var isPastVersion = false
        for extra in extras {
            let words = Words(extra.text)
            let found = words.ids.compactMap(VersionMarks.mark)
            if Self.isGuest(words) || words.items.indices.allSatisfy({ VersionMarks.isHarmless(words, $0) }) {
                qualifiers.append(extra.text)
            } else if !found.isEmpty || isPastVersion && !extra.isBracketed {
                // What follows a version behind a further dash is its place and day.
                isPastVersion = isPastVersion || !extra.isBracketed
                qualifiers.append(extra.text)
                marks.formUnion(found)
            } else {
                full += " " + extra.text
                // A part's number is no subtitle: without it, it is another piece.
                if words.texts.contains(where: { $0.allSatisfy(\.isNumber) }) { isCoreEnough = false }
            }
        }
        titles = full == core || !isCoreEnough || Words(core).isEmpty ? [full] : [full, core]
        titles += titles.compactMap(Self.withoutOpus)
    }

    /// A piece with a number and a key of its own is known without its opus.
    private static func withoutOpus(_ title: String) -> String? {
        let shorter = title.replacing(/,? (Op|Opus|BWV|KV?|Hob|RV)\.? ?[0-9]+[a-z]?/, with: "")
        return shorter != title && shorter.contains(/No\. ?[0-9]+ in [A-H]/) ? shorter : nil
    }

    private static func isGuest(_ words: Words) -> Bool {
        ["feat", "featuring", "with"].contains(words.texts.first ?? "")
    }

    private static func split(_ title: String) -> (core: String, extras: [(text: String, isBracketed: Bool)]) {
        var core = ""
        var extras: [(text: String, isBracketed: Bool)] = []
        var current = ""
        var depth = 0
        for character in title.replacing(" - ", with: "\u{1}") {
            switch character {
            case "(" where !core.isEmpty || !current.isEmpty, "[" where !core.isEmpty || !current.isEmpty:
                if depth == 0 { flush(&current, &core, &extras, false) }
                depth += 1
            case ")" where depth > 0, "]" where depth > 0:
                depth -= 1
                if depth == 0 { flush(&current, &core, &extras, true) }
            case "\u{1}" where depth == 0: flush(&current, &core, &extras, false)
            case "\u{1}": current += " - "
            default: current.append(character)
            }
        }
        flush(&current, &core, &extras, depth > 0)
        return (core, extras)
    }

    private static func flush(
        _ current: inout String, _ core: inout String, _ extras: inout [(text: String, isBracketed: Bool)],
        _ isBracketed: Bool
    ) {
        let text = current.trimmingPrefix { $0.isWhitespace }
        current = ""
        guard !text.allSatisfy(\.isWhitespace) else { return }
        if core.isEmpty, !isBracketed { core = String(text) } else { extras.append((String(text), isBracketed)) }
    }
}

extension String {
    /// Twelve letters and digits in capitals; `nil` for anything else.
    var comparableISRC: String? {
        let code = uppercased().filter { $0.isASCII && ($0.isLetter || $0.isNumber) }
        return code.count == 12 ? code : nil
    }
}
