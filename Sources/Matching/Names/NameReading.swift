/// The comparison of one name, that of a file or a title tag, with the wanted track, word by word.
struct NameReading: Sendable {
    /// The similarity of the title: 1 for an exact occurrence, 0 if it is absent.
    var title = 0.0
    /// The spelling of the title if it differs from the wanted one.
    var otherSpelling: String?
    /// Whether the title differs from the wanted one by more than typing errors.
    var hasDoubtfulSpelling = false
    /// The similarity of the main artist, 0 … 1.
    var artist = 0.0
    var marks: VersionMarks = []
    /// The first unexplained words: parts of another title, another artist or an unknown version. Empty if the title is
    /// absent.
    var unexplained: [String] = []
    /// The number of names of the wanted qualifiers that occur.
    var qualifierNames = 0
    /// Whether a credited artist besides the main one occurs.
    var hasOtherArtist = false

    /// The position on the record if the name contains nothing else besides the artist.
    var onlyPosition: TrackPosition?

    /// Whether the name has a word for an edition that is not wanted.
    var hasEdition = false
    /// The words for channels that occur: mono or stereo.
    var channels: Lexicon.Kinds = []
    /// Whether an unexplained word has a meaning in names of versions, and so is no translation of the title.
    var hasVersionWord = false
    var artistPart: Int32?
    var titleRange: Range<Int>?
    /// Whether the longest form of the title occurs.
    var hasFullTitle = false
    /// A bit for each word that belongs to the wanted title or artists.
    var explained: UInt64 = 0

    init(_ words: Words, recording: WantedNames, folder: Words?) {
        findTitle(words, recording, folder)
        readArtists(words, recording)
        readRest(words, recording, folder)
        if title == 0 { onlyPosition = TrackPosition(words, isExplained) }
        if words.isCut, title > 0 { unexplained.append("…") }
    }

    static func bits(_ range: Range<Int>) -> UInt64 {
        range.reduce(0) { $0 | 1 << UInt64($1) }
    }

    func isExplained(_ index: Int) -> Bool { explained & 1 << UInt64(index) != 0 }

    mutating func readArtists(_ words: Words, _ recording: WantedNames) {
        for (index, artist) in recording.artists.enumerated() {
            let taken = explained
            guard let found = artist.find(in: words, isLoose: recording.isLoose, where: { Self.bits($0) & taken == 0 })
            else {
                hasOtherArtist =
                    hasOtherArtist
                    || index > 0 && recording.isClassical
                        && artist.isKnownByLastWord(in: words, besides: recording.title) {
                            taken & 1 << UInt64($0) != 0
                        }
                continue
            }
            if index == 0 {
                self.artist = found.ratio
                artistPart = words.items[found.range.lowerBound].part
            } else {
                hasOtherArtist = true
            }
            explained |= Self.bits(found.range)
        }
    }
}
