import Foundation

/// The name of an artist with its other spellings. A class, because every name of a search is compared with it.
final class ArtistName: Sendable {
    let words: Words
    /// Other spellings, which match only exactly.
    private let aliases: [Words]
    private let ids: WordSet
    /// The words of at least four letters, which can stand for the whole name.
    private let longWords: WordSet

    init(_ name: String, _ read: (String) -> Words) {
        let words = read(name)
        self.words = words
        ids = WordSet(words.ids)
        longWords = WordSet(words.items.filter { $0.range.count >= 4 }.map(\.id))
        var names = Spellings.parts(ofGlossed: name) + Spellings.others(of: name)
        // A leader with a band: "Leader & The Band" also occurs as "Leader".
        for link in [" & The ", " and The ", " & the ", " and the "] {
            if let range = name.range(of: link) { names.append(String(name[..<range.lowerBound])) }
        }
        if name.contains(where: { "!$".contains($0) }) { names.append(name.filter { !"!$".contains($0) }) }
        aliases = names.map(read).filter { !$0.isEmpty && $0.letters != words.letters }
    }

    /// Returns the best occurrence of the name in a range that `accepts` permits.
    func find(in other: Words, isLoose: Bool, where accepts: (Range<Int>) -> Bool) -> Words.Occurrence? {
        if let exact = other.findExact(words, where: accepts) { return Words.Occurrence(range: exact, ratio: 1) }
        for alias in aliases {
            if let exact = other.findExact(alias, where: accepts) { return Words.Occurrence(range: exact, ratio: 1) }
        }
        if let range = findInverted(in: other, where: accepts) { return Words.Occurrence(range: range, ratio: 1) }
        return other.findNear(words, isLoose: isLoose, where: accepts)
    }

    /// Finds the words of the name in another order, as a separate part: "Family, Given".
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

    /// Returns whether a part of the name occurs, as in the name of another artist of the same family.
    func sharesWord(with other: Words) -> Bool {
        words.count > 1 && other.items.contains { longWords.contains($0.id) }
    }

    /// Returns whether the last word of the name occurs alone or after an initial. After an unexplained word it belongs
    /// to another name.
    /// - Parameter title: The words of the title. A last word such as "Quartet", which is one of them, names nobody.
    func isKnownByLastWord(in other: Words, besides title: WordSet, isExplained: (Int) -> Bool) -> Bool {
        guard words.count > 1, let last = words.items.last, last.range.count > 3, !title.contains(last.id),
            !last.entry.kinds.contains(.ensemble)
        else {
            return false
        }
        return other.items.indices.contains { index in
            guard other.items[index].id == last.id else { return false }
            guard index > 0, other.items[index - 1].part == other.items[index].part else { return true }
            return other.items[index - 1].range.count == 1 || isExplained(index - 1)
        }
    }
}
