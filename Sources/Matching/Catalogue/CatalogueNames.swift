import Contracts

/// The names of a track in the forms for comparison.
struct CatalogueNames {
    let recording: WantedRecording
    private let written: WantedNames
    private let latin: WantedNames
    private let album: String
    /// All artists as one name.
    private let credit: Words
    private let latinCredit: Words

    init(_ track: Track, _ reader: inout NameReader) {
        let recording = WantedRecording(track, &reader)
        self.recording = recording
        written = WantedNames(recording, .asWritten, &reader)
        latin = WantedNames(recording, .romanised, &reader)
        album = recording.album
        let names = recording.artists.joined(separator: " & ")
        credit = reader.words(names)
        latinCredit = reader.latin(names)
    }
}

// MARK: - Names

extension CatalogueNames {
    func compareTitle(_ listed: CatalogueNames) -> CatalogueAgreement.Name {
        if recording.title.allSatisfy(\.isWhitespace) { return .unasked }
        if recording.isWordless || listed.recording.isWordless {
            return recording.title == listed.recording.title ? .same : .other
        }
        if Self.areSame(written, listed.written) { return .same }
        if Self.areNear(written, listed.written) { return .near }
        guard recording.hasForeignTitle || listed.recording.hasForeignTitle else { return .other }
        if Self.areSame(latin, listed.latin) || Self.areNear(latin, listed.latin) { return .near }
        return recording.hasForeignTitle == listed.recording.hasForeignTitle ? .other : .unreadable
    }

    private static func areSame(_ a: WantedNames, _ b: WantedNames) -> Bool {
        a.titles.contains { one in b.titles.contains { $0.words.letters == one.words.letters } }
    }

    private static func areNear(_ a: WantedNames, _ b: WantedNames) -> Bool {
        guard let one = a.titles.first?.words else { return false }
        return b.titles.contains { other in
            !other.isExactOnly
                && other.words.findNear(one, isLoose: a.isLoose) { $0.count == other.words.count } != nil
        }
    }

    func compareArtist(_ listed: CatalogueNames) -> CatalogueAgreement.Name {
        let names = recording.artists.filter { !$0.allSatisfy(\.isWhitespace) }
        if names.isEmpty { return .unasked }
        if sharesArtist(listed, \.written, \.credit) { return .same }
        let isForeign = names.contains(where: Script.isForeign)
        let isListedForeign = listed.recording.artists.contains(where: Script.isForeign)
        guard isForeign || isListedForeign else { return .other }
        if sharesArtist(listed, \.latin, \.latinCredit) { return .near }
        return isForeign == isListedForeign ? .other : .unreadable
    }

    /// Returns whether the main artist of one side is among those of the other, or all artists are equal as one name.
    private func sharesArtist(
        _ listed: CatalogueNames, _ form: KeyPath<CatalogueNames, WantedNames>,
        _ credit: KeyPath<CatalogueNames, Words>
    ) -> Bool {
        let (mine, others) = (self[keyPath: form], listed[keyPath: form])
        if self[keyPath: credit].letters == listed[keyPath: credit].letters { return true }
        return Self.isAmong(mine.artists.first, others.artists, mine.isLoose)
            || Self.isAmong(others.artists.first, mine.artists, mine.isLoose)
    }

    private static func isAmong(_ artist: ArtistName?, _ others: [ArtistName], _ isLoose: Bool) -> Bool {
        guard let artist, !artist.words.isEmpty else { return false }
        return others.contains { other in
            artist.find(in: other.words, isLoose: isLoose) { Self.isWhole($0, other.words) } != nil
        }
    }

    /// Returns whether a range is the whole name, or the name before its guests.
    private static func isWhole(_ range: Range<Int>, _ words: Words) -> Bool {
        guard range.lowerBound == 0 else { return false }
        return range.upperBound == words.count || guests.contains(words.text(range.upperBound))
    }

    private static let guests: Set<String> = ["feat", "featuring", "ft", "with"]

    func compareAlbum(_ listed: CatalogueNames) -> CatalogueAgreement.Name {
        if album.allSatisfy(\.isWhitespace) { return .unasked }
        if Self.isSameAlbum(written.album, listed.written.album) { return .same }
        if Self.isSameAlbum(latin.album, listed.latin.album) { return .near }
        return Script.isForeign(album) == Script.isForeign(listed.album) ? .other : .unreadable
    }

    /// Returns whether two names are those of one album. Names of editions begin with that of the album.
    private static func isSameAlbum(_ a: Words, _ b: Words) -> Bool {
        let (short, long) = a.count <= b.count ? (a, b) : (b, a)
        guard !short.isEmpty, long.letters.starts(with: short.letters) else { return false }
        return long.items.indices.dropFirst(short.count).allSatisfy { index in
            long.isHarmless(index) || !long.items[index].entry.kinds.isDisjoint(with: [.version])
        }
    }

    func hasOtherScript(than listed: CatalogueNames) -> Bool {
        guard
            !recording.title.allSatisfy(\.isWhitespace)
                || !recording.artists.allSatisfy({ $0.allSatisfy(\.isWhitespace) })
        else { return false }
        let mine = recording.hasForeignTitle || recording.artists.first.map(Script.isForeign) ?? false
        let others = listed.recording.hasForeignTitle || listed.recording.artists.first.map(Script.isForeign) ?? false
        return mine != others
    }
}

// MARK: - Versions

extension CatalogueNames {
    /// The marks of the title, and those that apply to the whole album.
    private var marks: VersionMarks { recording.marks.union(recording.albumMarks.intersection(.folderWide)) }

    func hasSameVersion(as listed: CatalogueNames, _ difference: Int?) -> Bool {
        // Without a wanted title there is no wanted version.
        if recording.title.allSatisfy(\.isWhitespace) { return true }
        var unequal = marks.symmetricDifference(listed.marks)
        if let difference, let wanted = recording.durationMS,
            DurationTolerance.sameRecording.accepts(difference: difference, from: wanted)
        {
            unequal.remove(.edit)
        }
        unequal.remove(.clean)
        guard unequal.isEmpty else { return false }
        guard !recording.marks.isDisjoint(with: [.remix, .rework]) else { return true }
        return written.qualifierNames.isEmpty || !written.qualifierNames.isDisjoint(with: listed.written.qualifierNames)
    }
}
