public import Contracts

/// Compares wanted tracks with recordings as catalogues list them. Pure; use one for all recordings of an answer.
public struct CatalogueJudge {
    private let wanted: CatalogueNames
    private var reader = NameReader()

    /// - Parameter track: may lack its names; an album that is not named fits every one.
    public init(wanted track: Track) {
        wanted = CatalogueNames(track, &reader)
    }

    /// - Parameter track: the recording, with all its artists and the album of the release.
    public mutating func compare(_ track: Track) -> CatalogueAgreement {
        let listed = CatalogueNames(track, &reader)
        let lengths = [wanted.recording.durationMS, listed.recording.durationMS].compactMap { $0 }.filter { $0 > 0 }
        let difference = lengths.count == 2 ? DurationTolerance.difference(lengths[0], lengths[1]) : nil
        return CatalogueAgreement(
            title: wanted.compareTitle(listed), artist: wanted.compareArtist(listed),
            album: wanted.compareAlbum(listed), hasSameVersion: wanted.hasSameVersion(as: listed, difference),
            difference: difference, wantedDurationMS: lengths.first ?? 0,
            hasOtherScript: wanted.hasOtherScript(than: listed))
    }
}

/// The names of a track in the forms in which they are compared.
struct CatalogueNames {
    let recording: WantedRecording
    private let written: WantedRecording.Form
    private let latin: WantedRecording.Form
    private let album: String
    /// All artists in one name, as people write them.
    private let credit: Words
    private let latinCredit: Words

    init(_ track: Track, _ reader: inout NameReader) {
        let recording = WantedRecording(track, &reader)
        self.recording = recording
        written = WantedRecording.Form(recording, .asWritten, &reader)
        latin = WantedRecording.Form(recording, .romanised, &reader)
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

    private static func areSame(_ a: WantedRecording.Form, _ b: WantedRecording.Form) -> Bool {
        a.titles.contains { one in b.titles.contains { $0.words.letters == one.words.letters } }
    }

    private static func areNear(_ a: WantedRecording.Form, _ b: WantedRecording.Form) -> Bool {
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

    /// The main artist of one side is among those of the other, or all are the same, however they are put together.
    private func sharesArtist(
        _ listed: CatalogueNames, _ form: KeyPath<CatalogueNames, WantedRecording.Form>,
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

    /// The whole name, or what stands before its guests.
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

    /// Editions of an album have its name at the beginning.
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
    /// The title's marks, and those that go for all of its album.
    private var marks: VersionMarks { recording.marks.union(recording.albumMarks.intersection(.telling)) }

    func hasSameVersion(as listed: CatalogueNames, _ difference: Int?) -> Bool {
        // Whoever names no title asks for no version.
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
