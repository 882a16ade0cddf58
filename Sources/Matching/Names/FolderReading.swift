/// The comparison of the folders of a file with the wanted track.
struct FolderReading: Sendable {
    /// The similarity of a folder name with the main artist: 1 for an exact name, 0 if no folder has the name.
    var artist = 0.0
    /// The similarity of a folder name with the album, 0 … 1.
    var album = 0.0
    var marks: VersionMarks = []
    /// The marks of folders around that of the album, which can be shelves of a collection.
    var outerMarks: VersionMarks = []
    /// Whether a folder names a credited artist besides the main one.
    var hasOtherArtist = false
    /// Whether a folder contains a part of the main artist's name, and so names another artist.
    var hasNamesake = false

    /// The number of the disc in the name of a folder.
    var disc: Int?
    /// The number of names of the wanted version in a folder.
    var qualifierNames = 0
    /// Whether a folder of classical music names further performers beside a wanted one.
    var hasOtherPerformers = false
    /// Whether the innermost folders name an album of remixes.
    var hasRemixes = false

    /// Whether the album's folder has unexplained words. It may contain other recordings.
    var hasUnknownEdition = false
    /// Whether the album's folder has a word for an edition that is not wanted.
    var hasEdition = false
    /// Whether a folder with a mark of a concert names a place or a date, as words that are not those of the request.
    var hasOtherPlace = false

    init() {}

    /// - Parameter isNear: Whether the folder is one of the two innermost. An outer folder does not name the album.
    init(_ folder: Words, isNear: Bool, recording: WantedNames) {
        if let main = recording.artists.first {
            artist = main.find(in: folder, isLoose: recording.isLoose) { Self.standsAlone(folder, $0) }?.ratio ?? 0
            hasNamesake = artist == 0 && main.sharesWord(with: folder)
        }
        if isNear, !recording.album.isEmpty {
            album =
                folder.find(recording.album, isLoose: recording.isLoose) { Self.standsAlone(folder, $0) }?.ratio ?? 0
            if album > 0 { hasNamesake = false }
            hasUnknownEdition =
                Self.hasUnknownEdition(folder, recording) || Self.hasUnknownRemark(folder, recording)
            hasEdition = folder.items.contains {
                $0.entry.kinds.contains(.edition) && !recording.known.contains($0.id)
            }
        }
        marks = Self.marks(folder, recording)
        if isNear, marks.contains(.live), album == 0 { hasOtherPlace = Self.hasOtherPlace(folder, recording) }
        if isNear {
            disc = Self.disc(folder)
            qualifierNames = Self.qualifierNames(folder, recording)
            hasRemixes =
                !Self.isCollection(folder)
                && folder.items.contains {
                    !$0.entry.marks.isDisjoint(with: [.remix, .rework]) && !recording.named.contains($0.id)
                }
        }
        hasOtherPerformers = recording.isClassical && Self.hasOtherPerformers(folder, recording)
        hasOtherArtist = recording.artists.dropFirst().contains {
            $0.find(in: folder, isLoose: recording.isLoose) { _ in true } != nil
                || $0.isKnownByLastWord(in: folder, besides: recording.title) { Self.isKnown(folder, $0, recording) }
        }
    }

    mutating func add(_ other: FolderReading) {
        artist = max(artist, other.artist)
        if album >= 0.9 { outerMarks.formUnion(other.marks) } else { marks.formUnion(other.marks) }
        outerMarks.formUnion(other.outerMarks)
        hasOtherPlace = hasOtherPlace || other.hasOtherPlace
        hasEdition = hasEdition || other.hasEdition
        qualifierNames = max(qualifierNames, other.qualifierNames)
        hasRemixes = hasRemixes || other.hasRemixes
        hasOtherPerformers = hasOtherPerformers || other.hasOtherPerformers
        album = max(album, other.album)
        disc = disc ?? other.disc
        hasOtherArtist = hasOtherArtist || other.hasOtherArtist
        hasNamesake = hasNamesake || other.hasNamesake
        hasUnknownEdition = hasUnknownEdition || other.hasUnknownEdition
    }

    /// Returns whether unknown words follow the name of the album. Words before it can be another spelling of the artist.
    private static func hasUnknownEdition(_ folder: Words, _ recording: WantedNames) -> Bool {
        // One short word is also a word of other albums.
        guard recording.album.count > 1 || recording.album.letters.count >= 8 else { return false }
        guard let name = folder.findExact(recording.album, where: { _ in true }) else { return false }
        return hasUnknownPart(folder, from: name.upperBound, recording)
    }

    /// Returns whether a folder consists of the artist's name and brackets with unknown words, as those of recorded
    /// concerts do.
    private static func hasUnknownRemark(_ folder: Words, _ recording: WantedNames) -> Bool {
        guard let first = folder.items.firstIndex(where: \.isBracketed), first > 0,
            folder.items[..<first].allSatisfy({ recording.artistWords.contains($0.id) || $0.isYear })
        else { return false }
        return hasUnknownPart(folder, from: first, recording)
    }

    private static func hasUnknownPart(_ folder: Words, from first: Int, _ recording: WantedNames) -> Bool {
        var start = first
        while start < folder.count, !isGroup(folder, start) {
            let part = folder.part(from: start)
            if part.contains(where: { !isKnown(folder, $0, recording) }), !isAboutCopy(folder, part) { return true }
            start = part.upperBound
        }
        return false
    }

    /// Returns whether a word is the last one of a name such as `Artist-Album-WEB-2004-GROUP`: that of the release group.
    private static func isGroup(_ folder: Words, _ index: Int) -> Bool {
        index == folder.count - 1 && !folder.hasBlanks && folder.items[index].followsDash
            && (folder.items[index - 1].isYear || folder.items[index - 1].entry.kinds.contains(.strong))
    }

    /// Returns whether a part has a word about the copy, beside which labels and places of pressings stand.
    private static func isAboutCopy(_ folder: Words, _ part: Range<Int>) -> Bool {
        part.contains {
            folder.items[$0].entry.kinds.contains(.strong)
                || TechnicalWord.isCatalogueNumber(folder.letters[folder.items[$0].range])
                || folder.isCatalogueNumber($0)
        }
    }

    /// Returns the number of names of the wanted version. That of the artist counts only beside a word for a version.
    private static func qualifierNames(_ folder: Words, _ recording: WantedNames) -> Int {
        folder.items.indices.count { index in
            guard recording.qualifierNames.contains(folder.items[index].id) else { return false }
            let part = folder.wholePart(of: index)
            if folder.items[index].isYear { return folder.isYearOfVersion(part) }
            return !recording.artistWords.contains(folder.items[index].id) || part.contains(where: folder.namesVersion)
        }
    }

    /// Returns whether a part names a wanted performer and has several unknown words, as the names of others.
    private static func hasOtherPerformers(_ folder: Words, _ recording: WantedNames) -> Bool {
        let wanted = WordSet(recording.artists.dropFirst().flatMap(\.words.ids))
        var start = 0
        while start < folder.count {
            let part = folder.part(from: start)
            let namesWanted = part.contains { wanted.contains(folder.items[$0].id) }
            if namesWanted, part.count(where: { !isKnown(folder, $0, recording) }) > 1 { return true }
            start = part.upperBound
        }
        return false
    }

    /// Returns whether the folder has unknown words, and none that belongs to the wanted version.
    private static func hasOtherPlace(_ folder: Words, _ recording: WantedNames) -> Bool {
        !folder.items.contains { recording.qualifierNames.contains($0.id) }
            && folder.items.indices.contains { !isKnown(folder, $0, recording) }
    }

    private static func isKnown(_ folder: Words, _ index: Int, _ recording: WantedNames) -> Bool {
        let word = folder.items[index]
        return word.isNumber || recording.known.contains(word.id)
            || !word.entry.kinds.subtracting([.ensemble, .again]).isEmpty
            || !word.entry.marks.isEmpty
            || folder.isHarmless(index)
    }

    /// Returns the number of the disc: `CD2`, `Disc 2`.
    private static func disc(_ folder: Words) -> Int? {
        for index in folder.items.indices {
            let word = folder.letters[folder.items[index].range]
            guard let name = discNames.first(where: { word.starts(with: $0) }) else { continue }
            let isWhole = word.count == name.count
            if isWhole, index + 1 == folder.count { continue }
            let digits = isWhole ? folder.letters[folder.items[index + 1].range] : word.dropFirst(name.count)
            guard (1...2).contains(digits.count), digits.allSatisfy({ (48...57).contains($0) }) else { continue }
            return digits.reduce(0) { $0 * 10 + Int($1) - 48 }
        }
        return nil
    }

    private static let discNames = ["cd", "disc", "disk"].map { Array($0.utf8) }

    /// Returns whether a range is a separate part, apart from years and harmless words.
    private static func standsAlone(_ folder: Words, _ range: Range<Int>) -> Bool {
        let (start, end) = (range.lowerBound, range.upperBound)
        return (isEdge(folder, start) || isFiller(folder, 0..<start))
            && (isEdge(folder, end) || isFiller(folder, end..<folder.count))
    }

    private static func isEdge(_ folder: Words, _ index: Int) -> Bool {
        guard index > 0, index < folder.count else { return true }
        return folder.items[index].followsDash || folder.items[index - 1].part != folder.items[index].part
    }

    private static func isFiller(_ folder: Words, _ range: Range<Int>) -> Bool {
        range.allSatisfy { index in
            let word = folder.items[index]
            return word.isNumber || folder.isHarmless(index) || collections.contains(word.id)
        }
    }

    /// Returns the version marks of a folder, without words of the wanted names. A folder for a collection has none.
    private static func marks(_ folder: Words, _ recording: WantedNames) -> VersionMarks {
        if isCollection(folder) { return [] }
        var marks: VersionMarks = isConcertDate(folder) ? .live : []
        for (index, word) in folder.items.enumerated() where !recording.named.contains(word.id) {
            let entry = word.entry
            if recording.isClassical, entry.kinds.contains(.ofClassical) { continue }
            marks.formUnion(folder.marks(index).intersection(.folderWide))
            if !isEdition(folder, index + 1) { marks.formUnion(entry.folderMarks) }
            if entry.kinds.contains(.place), isBeginning(folder, index) { marks.insert(.live) }
        }
        return marks
    }

    private static func isCollection(_ folder: Words) -> Bool {
        folder.count > 1 && folder.items.allSatisfy { shelves.contains($0.id) }
            && folder.items.contains { plainShelves.contains($0.id) }
    }

    /// Returns whether a word is "edition": a "tour edition" is an edition of the album.
    private static func isEdition(_ folder: Words, _ index: Int) -> Bool {
        index < folder.count && folder.items[index].id == edition
    }

    /// Returns whether a word is the first of several, apart from years: `1973 At the Hall`.
    private static func isBeginning(_ folder: Words, _ index: Int) -> Bool {
        index + 1 < folder.count && (0..<index).allSatisfy { folder.items[$0].isYear }
    }

    /// Returns whether the folder is named by the date of a concert: `1962.03.18 - City`.
    private static func isConcertDate(_ folder: Words) -> Bool {
        guard folder.count > 3 else { return false }
        return (0..<folder.count - 2).contains { index in
            folder.items[index].isYear && (1...12).contains(twoDigits(folder, index + 1))
                && (1...31).contains(twoDigits(folder, index + 2))
        }
    }

    private static func twoDigits(_ folder: Words, _ index: Int) -> Int {
        let word = folder.items[index]
        guard word.isNumber, word.range.count == 2 else { return 0 }
        return folder.letters[word.range].reduce(0) { $0 * 10 + Int($1) - 48 }
    }

    private static let edition = WordID("edition")
    private static let plainShelves = words(LexiconWords.plainShelves)
    private static let shelves = words(LexiconWords.plainShelves + " " + LexiconWords.shelves)
    private static let collections = words(LexiconWords.collections)

    private static func words(_ text: String) -> WordSet {
        var reader = NameReader()
        return WordSet(reader.words(text).ids)
    }
}
