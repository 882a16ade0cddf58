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
        let words = FolderWords(folder: folder, recording: recording)
        if let main = recording.artists.first {
            artist = main.find(in: folder, isLoose: recording.isLoose, where: words.standsAlone)?.ratio ?? 0
            hasNamesake = artist == 0 && main.sharesWord(with: folder)
        }
        marks = words.marks
        if isNear { readNear(words) }
        hasOtherPerformers = recording.isClassical && words.hasOtherPerformers
        hasOtherArtist = recording.artists.dropFirst().contains {
            $0.find(in: folder, isLoose: recording.isLoose) { _ in true } != nil
                || $0.isKnownByLastWord(in: folder, besides: recording.title, isExplained: words.isKnown)
        }
    }

    private mutating func readNear(_ words: FolderWords) {
        let recording = words.recording
        if !recording.album.isEmpty {
            let found = words.folder.find(recording.album, isLoose: recording.isLoose, where: words.standsAlone)
            album = found?.ratio ?? 0
            if album > 0 { hasNamesake = false }
            hasUnknownEdition = words.hasUnknownEdition || words.hasUnknownRemark
            hasEdition = words.hasEdition
        }
        hasOtherPlace = album == 0 && words.hasOtherPlace
        disc = words.disc
        qualifierNames = words.qualifierNames
        hasRemixes = words.hasRemixes
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
}
