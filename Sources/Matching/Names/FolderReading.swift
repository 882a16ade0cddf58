/// What the folders of a file say about the wanted track.
struct FolderReading: Sendable {
    /// 1 is the main artist's own folder; 0 is that no folder bears the name.
    var artist = 0.0
    /// The same of the album.
    var album = 0.0
    var marks: VersionMarks = []
    /// A credited artist besides the main one is named somewhere.
    var hasOtherArtist = false
    /// A folder has some of the main artist's name, and so is somebody else's.
    var hasNamesake = false

    /// The number of the disc that a folder says it holds.
    var disc: Int?

    /// The album's own folder says in brackets what nothing explains: it may be of other recordings.
    var hasUnknownEdition = false

    init() {}

    /// - Parameter isNear: further out than two, a folder of the album's name is the artist's or a genre's.
    init(_ folder: Words, isNear: Bool, recording: WantedRecording.Form) {
        if let main = recording.artists.first {
            artist = main.find(in: folder, isLoose: recording.isLoose) { Self.standsAlone(folder, $0) }?.ratio ?? 0
            hasNamesake = artist == 0 && main.sharesWord(with: folder)
        }
        if isNear, !recording.album.isEmpty {
            album =
                folder.find(recording.album, isLoose: recording.isLoose) { Self.standsAlone(folder, $0) }?.ratio ?? 0
            if album > 0 {
                hasNamesake = false
                hasUnknownEdition = Self.hasUnknownEdition(folder, recording)
            }
        }
        marks = Self.marks(folder, recording)
        if isNear { disc = Self.disc(folder) }
        hasOtherArtist = recording.artists.dropFirst().contains {
            $0.find(in: folder, isLoose: recording.isLoose) { _ in true } != nil
                || $0.isKnownByLastWord(in: folder) { Self.isKnown(folder, $0, recording) }
        }
    }

    mutating func add(_ other: FolderReading) {
        artist = max(artist, other.artist)
        album = max(album, other.album)
        marks.formUnion(other.marks)
        disc = disc ?? other.disc
        hasOtherArtist = hasOtherArtist || other.hasOtherArtist
        hasNamesake = hasNamesake || other.hasNamesake
        hasUnknownEdition = hasUnknownEdition || other.hasUnknownEdition
    }

    private static func hasUnknownEdition(_ folder: Words, _ recording: WantedRecording.Form) -> Bool {
        var start = 0
        while start < folder.count {
            let part = folder.part(from: start)
            let isUnknown = part.allSatisfy { folder.items[$0].isBracketed && !isKnown(folder, $0, recording) }
            if isUnknown, part.count > 1 { return true }
            start = part.upperBound
        }
        return false
    }

    private static func isKnown(_ folder: Words, _ index: Int, _ recording: WantedRecording.Form) -> Bool {
        let word = folder.items[index]
        return word.isNumber || recording.known.contains(word.id) || !word.entry.kinds.isEmpty
            || !word.entry.marks.isEmpty
            || folder.isHarmless(index)
    }

    /// `CD2`, `Disc 2`.
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

    /// Whether the place is a part of its own, not counting years and words that say nothing.
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

    /// A word that marks a version, unless it belongs to the wanted names or the folder is a shelf of several kinds.
    private static func marks(_ folder: Words, _ recording: WantedRecording.Form) -> VersionMarks {
        if isShelf(folder) { return [] }
        var marks: VersionMarks = isConcertDate(folder) ? .live : []
        for (index, word) in folder.items.enumerated() where !recording.known.contains(word.id) {
            let entry = word.entry
            if recording.isClassical, entry.kinds.contains(.ofClassical) { continue }
            marks.formUnion(entry.marks.intersection(.telling))
            if !isEdition(folder, index + 1) { marks.formUnion(entry.folderMarks) }
            if entry.kinds.contains(.place), isBeginning(folder, index) { marks.insert(.live) }
        }
        return marks
    }

    private static func isShelf(_ folder: Words) -> Bool {
        folder.count > 1 && folder.items.allSatisfy { shelves.contains($0.id) }
            && folder.items.contains { plainShelves.contains($0.id) }
    }

    /// "Tour edition" is one of the album.
    private static func isEdition(_ folder: Words, _ index: Int) -> Bool {
        index < folder.count && folder.items[index].id == edition
    }

    /// The first word of a name with more words, but for a year: `1973 At the Hall`.
    private static func isBeginning(_ folder: Words, _ index: Int) -> Bool {
        index + 1 < folder.count && (0..<index).allSatisfy { folder.items[$0].isYear }
    }

    /// Bootlegs are named by day: `1962.03.18 - City`.
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
