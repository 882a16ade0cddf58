/// The words of one folder's name, read for a wanted track.
struct FolderWords {
    let folder: Words
    let recording: WantedNames

    /// Returns whether a word belongs to the request, or has a meaning in names.
    func isKnown(_ index: Int) -> Bool {
        let word = folder.items[index]
        return word.isNumber || recording.known.contains(word.id)
            || word.entry.isNote || !word.entry.marks.isEmpty || folder.isHarmless(index)
    }

    /// The number of the disc: `CD2`, `Disc 2`.
    var disc: Int? { folder.disc?.number }

    /// Returns whether a range is a separate part, apart from years and harmless words.
    func standsAlone(_ range: Range<Int>) -> Bool {
        let (start, end) = (range.lowerBound, range.upperBound)
        return (isEdge(start) || isFiller(0..<start))
            && (isEdge(end) || isFiller(end..<folder.count))
    }

    private func isEdge(_ index: Int) -> Bool {
        guard index > 0, index < folder.count else { return true }
        return folder.items[index].followsDash || folder.items[index - 1].part != folder.items[index].part
    }

    private func isFiller(_ range: Range<Int>) -> Bool {
        range.allSatisfy { index in
            let word = folder.items[index]
            return word.isNumber || folder.isHarmless(index) || Self.collections.contains(word.id)
        }
    }

    private static let collections = LexiconWords.set(LexiconWords.collections)
}

extension Words {
    /// The number of a disc in a folder's name, such as `CD2` or `Disc 2`, and the words that say it.
    fileprivate var disc: (number: Int, words: Range<Int>)? {
        for index in items.indices {
            let word = letters[items[index].range]
            guard let name = Self.discNames.first(where: { word.starts(with: $0) }) else { continue }
            let isWhole = word.count == name.count
            if isWhole, index + 1 == count { continue }
            let digits = isWhole ? letters[items[index + 1].range] : word.dropFirst(name.count)
            guard (1...2).contains(digits.count), digits.allSatisfy({ (48...57).contains($0) }) else { continue }
            return (digits.reduce(0) { $0 * 10 + Int($1) - 48 }, index..<index + (isWhole ? 2 : 1))
        }
        return nil
    }

    /// Whether a folder's name says nothing but the number of a disc.
    var isDisc: Bool { disc.map { $0.words == 0..<count } ?? false }

    private static let discNames = ["cd", "disc", "disk"].map { Array($0.utf8) }
}
