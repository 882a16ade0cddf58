import Foundation

/// A title, split into its name and its qualifiers in brackets and after dashes.
struct TitleParts: Sendable {
    /// The forms of the name without its qualifiers, the longest first.
    private(set) var titles: [String] = []
    /// The qualifiers: guests, versions and remasters.
    private(set) var qualifiers: [String] = []
    private(set) var marks: VersionMarks = []
    /// Whether the full title has words after a dash, or in brackets with a year, which can name a version.
    private(set) var mayNameVersion = false
    /// Whether mono or stereo is wanted.
    private(set) var channels: Lexicon.Kinds = []

    private typealias Extra = (text: String, isBracketed: Bool)

    /// - Parameter artists: The credited artists. A version can be named after its owner: `Ida's Cut`.
    init(_ title: String, by artists: [String], _ reader: inout NameReader) {
        let (core, extras) = Self.split(title)
        var full = core
        var isCoreEnough = true
        var isPastVersion = false
        for extra in extras {
            let words = reader.words(extra.text)
            let isOwned = Self.isOwned(extra.text, by: artists)
            let found = isOwned ? .named : Self.marks(words)
            for word in words.items { channels.formUnion(word.entry.kinds.intersection([.mono, .stereo])) }
            if Self.isGuest(words)
                || found.isEmpty && words.items.indices.allSatisfy({ Self.isHarmless(words, $0) })
            {
                qualifiers.append(extra.text)
            } else if !found.isEmpty || isPastVersion && !extra.isBracketed {
                // The text after a version and a further dash is its place and date.
                isPastVersion = isPastVersion || !extra.isBracketed
                qualifiers.append(extra.text)
                marks.formUnion(found)
            } else {
                full += " " + extra.text
                mayNameVersion = mayNameVersion || !extra.isBracketed || words.items.contains(where: \.isYear)
                // The number of a part belongs to the name: without it the name is that of another piece.
                if words.items.contains(where: \.isNumber) || words.texts.contains(where: Self.isDigits) {
                    isCoreEnough = false
                }
            }
        }
        titles = full == core || !isCoreEnough || reader.words(core).isEmpty ? [full] : [full, core]
        titles += Spellings.parts(ofGlossed: full.isEmpty ? title : Self.glossed(core, extras))
        titles += titles.compactMap(Self.withoutOpus)
        titles += titles.compactMap(Self.withoutMajor)
    }

    private static func isDigits(_ word: String) -> Bool { word.utf8.allSatisfy { (48...57).contains($0) } }

    private static func marks(_ words: Words) -> VersionMarks {
        let marks = words.items.indices.reduce(into: VersionMarks()) { $0.formUnion(words.marks($1)) }
        return marks.isEmpty && isNamedVersion(words) ? .named : marks
    }

    /// Returns whether a text is a possessive of an artist's name and one or two more words: `Ida Roe's Version`.
    private static func isOwned(_ text: String, by artists: [String]) -> Bool {
        guard let sign = text.firstRange(of: #/['’]s? /#) else { return false }
        let owner = text[..<sign.lowerBound].lowercased()
        let count = text[sign.upperBound...].split(separator: " ").count
        return (1...2).contains(count) && !owner.isEmpty
            && artists.contains { artist in
                let name = artist.lowercased()
                return name == owner || name.hasPrefix(owner + " ") || name.hasSuffix(" " + owner)
            }
    }

    /// Returns whether a text has "version" or "recording" beside a name or a year: `Orchestral Suite Version`,
    /// `2011 Version`, `Version for Harp`.
    private static func isNamedVersion(_ words: Words) -> Bool {
        guard words.items.contains(where: { !$0.entry.kinds.isDisjoint(with: [.version, .recording]) }) else {
            return false
        }
        return words.items.indices.contains { !isHarmless(words, $0) || words.items[$0].isYear }
            && !words.items.contains { $0.entry.kinds.contains(.edition) }
    }

    private static func isHarmless(_ words: Words, _ index: Int) -> Bool {
        words.isHarmless(index) || words.items[index].entry.kinds.contains(.version)
    }

    /// Returns the name with its first bracket, for names in two scripts.
    private static func glossed(_ core: String, _ extras: [Extra]) -> String {
        extras.first.map { "\(core) (\($0.text))" } ?? core
    }

    /// Returns the title without its opus, if the piece has a number and a key.
    private static func withoutOpus(_ title: String) -> String? {
        guard title.contains(" in "), title.utf8.contains(where: { (48...57).contains($0) }) else { return nil }
        let shorter = title.replacing(/,? (Op|Opus|BWV|KV?|Hob|RV)\.? ?[0-9]+[a-z]?/, with: "")
        return shorter != title && shorter.contains(/No\. ?[0-9]+ in [A-H]/) ? shorter : nil
    }

    /// Returns the title without "Major", because "in A" is A major.
    private static func withoutMajor(_ title: String) -> String? {
        guard title.contains(" Major") else { return nil }
        let shorter = title.replacing(/( in [A-H](-[A-Za-z]+)?) Major/, with: { $0.output.1 })
        return shorter != title ? shorter : nil
    }

    private static func isGuest(_ words: Words) -> Bool {
        ["feat", "featuring", "with"].contains(words.texts.first ?? "")
    }

    private static func split(_ title: String) -> (core: String, extras: [Extra]) {
        var core = ""
        var extras: [Extra] = []
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
        _ current: inout String, _ core: inout String, _ extras: inout [Extra], _ isBracketed: Bool
    ) {
        let text = current.trimmingPrefix { $0.isWhitespace }
        current = ""
        guard !text.allSatisfy(\.isWhitespace) else { return }
        if core.isEmpty, !isBracketed { core = String(text) } else { extras.append((String(text), isBracketed)) }
    }
}
