/// The marks of versions in the name of a folder.
extension FolderWords {
    /// The version marks of a folder, without words of the wanted names. A folder for a collection has none.
    var marks: VersionMarks {
        if isCollection { return [] }
        var marks: VersionMarks = isConcertDate ? .live : []
        for (index, word) in folder.items.enumerated() where !isWanted(index) && !isAboutCover(index) {
            let entry = word.entry
            if recording.isClassical, entry.kinds.contains(.ofClassical) { continue }
            marks.formUnion(folder.marks(index).intersection(.folderWide))
            if !isEdition(index + 1) { marks.formUnion(entry.folderMarks) }
            if entry.kinds.contains(.place), isBeginning(index) { marks.insert(.live) }
        }
        return marks
    }

    /// Returns whether a word belongs to the wanted names. A word of the album's name does so only within the whole name.
    private func isWanted(_ index: Int) -> Bool {
        let word = folder.items[index].id
        guard recording.named.contains(word) else { return false }
        guard recording.albumOnly.contains(word) else { return true }
        return folder.find(recording.album, isLoose: recording.isLoose) { _ in true }?.range.contains(index) ?? false
    }

    /// Returns whether a word is the cover of a magazine or a record: `Cover CD`.
    private func isAboutCover(_ index: Int) -> Bool {
        index + 1 < folder.count && folder.items[index].entry.marks == .cover
            && Self.coverThings.contains(folder.items[index + 1].id)
    }

    private static let coverThings = WordSet(["cd", "disc", "disk", "dvd", "mount", "art", "scans"].map { WordID($0) })

    /// Whether the folder holds records of every kind.
    private var isCollection: Bool {
        folder.count > 1 && folder.items.allSatisfy { Self.shelves.contains($0.id) }
            && folder.items.contains { Self.plainShelves.contains($0.id) }
    }

    /// Returns whether a word is "edition": a "tour edition" is an edition of the album.
    private func isEdition(_ index: Int) -> Bool {
        index < folder.count && folder.items[index].id == Self.edition
    }

    /// Returns whether a word is the first of several, apart from years: `1973 At the Hall`.
    private func isBeginning(_ index: Int) -> Bool {
        index + 1 < folder.count && (0..<index).allSatisfy { folder.items[$0].isYear }
    }

    /// Whether the folder is named by the date of a concert: `1962.03.18 - City`.
    private var isConcertDate: Bool {
        guard folder.count > 3 else { return false }
        return (0..<folder.count - 2).contains { index in
            folder.items[index].isYear && (1...12).contains(twoDigits(index + 1))
                && (1...31).contains(twoDigits(index + 2))
        }
    }

    private func twoDigits(_ index: Int) -> Int {
        let word = folder.items[index]
        guard word.isNumber, word.range.count == 2 else { return 0 }
        return folder.letters[word.range].reduce(0) { $0 * 10 + Int($1) - 48 }
    }

    /// Whether the folder of a concert has unknown words, and none that belongs to the wanted version.
    var hasOtherPlace: Bool {
        folder.items.contains { $0.entry.marks.contains(.live) }
            && !folder.items.contains { recording.qualifierNames.contains($0.id) }
            && folder.items.indices.contains { !isKnown($0) }
    }

    /// Whether the folder names an album of remixes.
    var hasRemixes: Bool {
        !isCollection
            && folder.items.contains {
                !$0.entry.marks.isDisjoint(with: [.remix, .rework]) && !recording.named.contains($0.id)
            }
    }

    /// Whether the folder has a word for an edition that is not wanted.
    var hasEdition: Bool {
        folder.items.contains { $0.entry.kinds.contains(.edition) && !recording.known.contains($0.id) }
    }

    private static let edition = WordID("edition")
    private static let plainShelves = LexiconWords.set(LexiconWords.plainShelves)
    private static let shelves = LexiconWords.set(LexiconWords.plainShelves + " " + LexiconWords.shelves)
}
