import Foundation

/// An artist's name and the other ways in which people write it.
struct ArtistName: Sendable {
    let words: Words
    /// Taken letter by letter only.
    private let aliases: [Words]
    private let ids: WordSet
    /// Words by which the name may be known without the others.
    private let longWords: WordSet

    init(_ name: String, _ read: (String) -> Words) {
        let words = read(name)
        self.words = words
        ids = WordSet(words.ids)
        longWords = WordSet(words.items.filter { $0.range.count >= 4 }.map(\.id))
        var names = Spellings.parts(ofGlossed: name) + Spellings.others(of: name)
        // A band behind its leader: "Leader & The Band" is filed under the leader as well.
        for link in [" & The ", " and The ", " & the ", " and the "] {
            if let range = name.range(of: link) { names.append(String(name[..<range.lowerBound])) }
        }
        if name.contains(where: { "!$".contains($0) }) { names.append(name.filter { !"!$".contains($0) }) }
        aliases = names.map(read).filter { !$0.isEmpty && $0.letters != words.letters }
    }

    /// Where the name stands, if `accepts` takes the place, and how closely.
    func find(in other: Words, isLoose: Bool, where accepts: (Range<Int>) -> Bool) -> Words.Place? {
        if let exact = other.findExact(words, where: accepts) { return Words.Place(range: exact, ratio: 1) }
        for alias in aliases {
            if let exact = other.findExact(alias, where: accepts) { return Words.Place(range: exact, ratio: 1) }
        }
        if let range = findInverted(in: other, where: accepts) { return Words.Place(range: range, ratio: 1) }
        return other.findNear(words, isLoose: isLoose, where: accepts)
    }

    /// "Family, Given": the same words in another order, as a part of their own.
    private func findInverted(in other: Words, where accepts: (Range<Int>) -> Bool) -> Range<Int>? {
        guard (2...4).contains(words.count), ids.count == words.count else { return nil }
        if isPermutation(other, 0..<other.count), accepts(0..<other.count) { return 0..<other.count }
        var start = 0
        while start < other.count {
            let part = other.part(from: start)
            if isPermutation(other, part), accepts(part) { return part }
            start = part.upperBound
        }
        return nil
    }

    private func isPermutation(_ other: Words, _ range: Range<Int>) -> Bool {
        range.count == words.count && range.allSatisfy { ids.contains(other.items[$0].id) }
            && WordSet(other.items[range].map(\.id)).count == words.count
    }

    /// Some of the name is there, as in the name of somebody else of the same family.
    func sharesWord(with other: Words) -> Bool {
        words.count > 1 && other.items.contains { longWords.contains($0.id) }
    }

    /// The family name alone, or behind an initial. Behind a word that nothing explains it is somebody else's, or the
    /// kind of another ensemble.
    func isKnownByLastWord(in other: Words, isExplained: (Int) -> Bool) -> Bool {
        guard words.count > 1, let last = words.items.last, last.range.count > 3 else { return false }
        return other.items.indices.contains { index in
            guard other.items[index].id == last.id else { return false }
            guard index > 0, other.items[index - 1].part == other.items[index].part else { return true }
            return other.items[index - 1].range.count == 1 || isExplained(index - 1)
        }
    }
}

/// Other ways to spell one name.
enum Spellings {
    /// With umlauts spelt out; without the letters that damaged names have lost or shown as signs; and run together.
    static func others(of name: String) -> [String] {
        if Script.isForeign(name) { return [name.filter { $0.isLetter || $0.isNumber }] }
        var others = [name.filter { $0.isLetter || $0.isNumber }]
        let spelled = name.reduce(into: "") { $0 += digraphs[$1] ?? String($1) }
        if spelled != name { others.append(spelled) }
        let plain = name.filter(\.isASCII)
        let letters = plain.filter { $0.isLetter || $0.isNumber }
        if plain.count < name.count, letters.count >= 4, plain.count * 10 >= name.count * 6 { others.append(plain) }
        return others
    }

    /// A name in two scripts, `밤 (Night)`, is known by either of them.
    static func parts(ofGlossed name: String) -> [String] {
        guard let open = name.firstIndex(where: { "([（/".contains($0) }) else { return [] }
        let outer = String(name[..<open])
        let inner = name[name.index(after: open)...].prefix { !")]）".contains($0) }
        guard Script.isForeign(outer) != Script.isForeign(String(inner)), inner.contains(where: \.isLetter) else {
            return []
        }
        return [outer, String(inner)]
    }

    private static let digraphs: [Character: String] = [
        "ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "Å": "Aa", "Ø": "Oe",
    ]
}

/// What kind of letters a text is written in.
enum Script {
    /// Whether a text has letters that are not Latin.
    static func isForeign(_ text: String) -> Bool {
        text.unicodeScalars.contains { $0.value >= 0x370 && $0.properties.isAlphabetic && !isLatin($0) }
    }

    /// A Chinese sign, in whatever language.
    static func isHan(_ scalar: Unicode.Scalar) -> Bool { (0x3400...0x9FFF).contains(scalar.value) }

    private static func isLatin(_ scalar: Unicode.Scalar) -> Bool {
        (0x1E00...0x1EFF).contains(scalar.value) || (0xFF21...0xFF5A).contains(scalar.value)
            || (0x2100...0x218F).contains(scalar.value)
    }
}
