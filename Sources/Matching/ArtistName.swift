import Foundation

/// An artist's name and the other ways in which people write it.
struct ArtistName: Sendable {
    let words: Words
    private let aliases: [Words]

    init(_ name: String, _ read: (String) -> Words) {
        words = read(name)
        var aliases = [Words(runTogether: name, read)]
        // A band behind its leader: "Leader & The Band" is filed under the leader as well.
        for link in [" & The ", " and The ", " & the ", " and the "] {
            if let range = name.range(of: link) { aliases.append(read(String(name[..<range.lowerBound]))) }
        }
        if name.contains(where: { "!$".contains($0) }) { aliases.append(read(name.filter { !"!$".contains($0) })) }
        self.aliases = aliases.filter { [words] in !$0.isEmpty && $0 != words }
    }

    /// Where the name stands, if `accepts` takes the place, and how closely.
    ///
    /// Names one letter apart are often two artists: a typing error counts only where every word begins alike and is
    /// long enough to be recognised.
    func find(in words: Words, where accepts: (Range<Int>) -> Bool) -> (range: Range<Int>, ratio: Double)? {
        let found = words.find(self.words) { accepts($0) && isSameName(words, $0) }
        if let found, found.ratio == 1 { return found }
        for alias in aliases {
            if let found = words.find(alias, where: accepts), found.ratio == 1 { return found }
        }
        return found
    }

    private func isSameName(_ other: Words, _ range: Range<Int>) -> Bool {
        let theirs = other.letters(range)
        if theirs == words.letters[...] { return true }
        let limit = words.letters.count < 13 ? 1 : 2
        guard theirs.first == words.letters.first,
            Closeness.distance(theirs, words.letters[...], limit: limit) != nil
        else { return false }
        guard range.count == words.count else { return true }
        return zip(range, words.items.indices).allSatisfy { there, here in
            let (a, b) = (other.letters(there..<there + 1), words.letters(here..<here + 1))
            return a.first == b.first && Closeness.ratio(a, b) != nil
        }
    }
}
