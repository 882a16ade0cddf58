import Contracts

/// Collects the evidence for the offers of one track.
struct OfferReader {
    let recording: WantedRecording
    let profile: MatchProfile
    private var names: NameReader
    private let written: WantedNames
    /// The names in Latin letters; `nil` until they are needed.
    private var romanised: WantedNames?
    private var transliterated: WantedNames?
    private var folders: FolderReader
    private var namesWordlessTitle = false
    /// Whether the name of the current offer is in plain Latin letters, and not damaged.
    private var isPlainLeaf = false
    /// The Han characters of the wanted title.
    private let titleSigns: WordSet
    private let titleScripts: Script.Letters
    /// The name of the current offer, and the same in Latin letters. The buffers are reused.
    private var leaf = Words()
    private var latinLeaf = Words()

    init(wanted track: Track, profile: MatchProfile) {
        var names = NameReader()
        recording = WantedRecording(track, &names)
        let texts = ([recording.album, track.title] + recording.artists).joined(separator: " ")
        names.legacy = LegacyEncodings(script: texts)
        names.wantedSigns = Self.signs(texts)
        titleSigns = Self.signs(track.title)
        titleScripts = Script.letters(Array(track.title.utf8)[...])
        written = WantedNames(recording, .asWritten, &names)
        self.names = names
        self.profile = profile
        folders = FolderReader()
    }

    private static func signs(_ text: String) -> WordSet {
        WordSet(text.unicodeScalars.filter(Script.isHan).prefix(512).map { WordID($0.value) })
    }

    mutating func read(_ offer: OfferedFile) -> (evidence: Evidence, quality: AudioQuality) {
        guard offer.hasPossibleName else { return Self.unreadable }
        var path = offer.shownPath ?? offer.path
        return path.withUTF8 { read(offer, $0) }
    }

    private static var unreadable: (evidence: Evidence, quality: AudioQuality) {
        var evidence = Evidence()
        evidence.vetoes = [Veto(kind: .title, reason: "the path is too long")]
        return (evidence, AudioQuality.unknown)
    }

    private mutating func read(
        _ offer: OfferedFile, _ bytes: UnsafeBufferPointer<UInt8>
    ) -> (evidence: Evidence, quality: AudioQuality) {
        let path = PathParser.parse(bytes)
        let quality = AudioQuality(
            offer, type: path.type, wantedMS: recording.durationMS, minimumKbps: profile.minimumLossyKbps,
            isTrusted: profile.trusts(offer.source))
        var evidence = identity(offer, path, bytes, quality)
        if offer.isLocked { evidence.vetoes.append(Veto(kind: .locked, reason: "the source does not share it")) }
        if let doubt = quality.doubt { evidence.vetoes.append(Veto(kind: .audio, reason: doubt)) }
        if let found = quality.qualityClass, !profile.qualities.contains(found) {
            evidence.vetoes.append(Veto(kind: .quality, reason: "the profile excludes \(found.rawValue)"))
        }
        return (evidence, quality)
    }

    private mutating func identity(
        _ offer: OfferedFile, _ path: PathParts, _ bytes: UnsafeBufferPointer<UInt8>, _ quality: AudioQuality
    ) -> Evidence {
        let leafBytes = UnsafeBufferPointer(rebasing: bytes[path.leaf])
        namesWordlessTitle =
            recording.isWordless && String(decoding: leafBytes, as: UTF8.self).contains(recording.title)
        readLeaf(leafBytes)
        isPlainLeaf = leafBytes.allSatisfy { $0 < 0x80 }
        let isForeignLeaf = isForeign(leaf)
        if recording.isUnreadableInLatin, !isForeignLeaf {
            return latinEvidence(offer, path, bytes, quality, isLoose: true)
        }
        let folder = folders.read(bytes, path.directory, recording: written, &names)
        let found = evidence(offer, path, quality, written, leaf, folder)
        guard !found.vetoes.isEmpty || found.isDoubtful, recording.isForeign || folder.isForeign || isForeignLeaf else {
            return found
        }
        // In the wanted script nothing is romanised; only different characters with the same reading can match.
        let isSameScript = recording.hasForeignTitle && isForeignLeaf && !hasLatinLetters(leaf)
        if isSameScript, found.title == 0, recording.isAlphabetic || !hasTitleSign(leaf) { return found }
        let other = latinEvidence(offer, path, bytes, quality, isLoose: !(recording.hasForeignTitle && isForeignLeaf))
        return Self.isBetter(other, found) ? other : found
    }

    private mutating func latinEvidence(
        _ offer: OfferedFile, _ path: PathParts, _ bytes: UnsafeBufferPointer<UInt8>, _ quality: AudioQuality,
        isLoose: Bool
    ) -> Evidence {
        let latin = latinForm(isLoose: isLoose)
        names.read(latin: leaf, into: &latinLeaf)
        let folder = folders.read(bytes, path.directory, recording: latin, &names)
        return evidence(offer, path, quality, latin, latinLeaf, folder)
    }

    private mutating func readLeaf(_ name: UnsafeBufferPointer<UInt8>) {
        if let plain = SiteName.removed(from: name) { leaf = names.words(plain) } else { names.read(name, into: &leaf) }
    }

    /// Returns whether a name shares a Han character with the wanted title, as two spellings of one title do.
    private func hasTitleSign(_ words: Words) -> Bool {
        guard !titleSigns.isEmpty else { return true }
        return words.letters.indices.contains { index in
            guard words.letters[index] >= 0xE3, index + 3 <= words.letters.count else { return false }
            let value = words.letters[index..<index + 3].reduce(0) { $0 << 6 | WordID($1 & 0x3F) } & 0xFFFF
            return titleSigns.contains(value)
        }
    }

    /// Whether the current name has words in the script of the title that are not those of the request.
    ///
    /// Kana can be the reading of a title in Han characters, and not the other way round. Other forms of the same Han
    /// characters have the same reading in Latin letters.
    private var hasWordsInTitleScript: Bool {
        leaf.items.contains { word in
            guard !written.known.contains(word.id), !word.entry.isNote else { return false }
            let scripts = Script.letters(leaf.letters[word.range])
            guard titleScripts.contains(.han) else { return !scripts.isDisjoint(with: titleScripts) }
            return scripts.contains(.han)
        }
    }

    /// Whether the name has words in Latin letters although the title can be romanised, which would have found it.
    private var hasOtherReading: Bool {
        guard isPlainLeaf, titleScripts.isDisjoint(with: .han) else { return false }
        let letters = leaf.items.reduce(0) { count, word in
            let isOther = !word.isNumber && !word.entry.isNote && !written.known.contains(word.id)
            return isOther ? count + word.range.count : count
        }
        return letters >= Self.leastReading
    }

    /// The least number of Latin letters that are the reading of a title, and no note about the copy.
    private static let leastReading = 6

    /// Returns whether a name has more Latin letters than an abbreviation.
    private func hasLatinLetters(_ words: Words) -> Bool {
        words.letters.count { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) } > 4
    }

    private func isForeign(_ words: Words) -> Bool { words.letters.contains { $0 >= 0x80 } }

    private mutating func latinForm(isLoose: Bool) -> WantedNames {
        if let made = isLoose ? romanised : transliterated { return made }
        let made = WantedNames(recording, isLoose ? .romanised : .transliterated, &names)
        if isLoose { romanised = made } else { transliterated = made }
        return made
    }

    private static func isBetter(_ a: Evidence, _ b: Evidence) -> Bool {
        if a.vetoes.isEmpty != b.vetoes.isEmpty { return a.vetoes.isEmpty }
        if a.isDoubtful != b.isDoubtful { return b.isDoubtful }
        return a.score > b.score
    }

    private mutating func evidence(
        _ offer: OfferedFile, _ path: PathParts, _ quality: AudioQuality, _ form: WantedNames, _ leaf: Words,
        _ folder: FolderReader.Reading
    ) -> Evidence {
        let name = NameReading(leaf, recording: form, folder: folder.nearest)
        var judge = IdentityJudge(
            recording: recording, form: form, profile: profile, name: name,
            folders: folder.reading, trackNumber: path.trackNumber, durationMS: quality.durationMS,
            isTrusted: profile.trusts(offer.source), namesWordlessTitle: namesWordlessTitle,
            hasOtherWords: name.title == 0 && recording.hasForeignTitle && (hasWordsInTitleScript || hasOtherReading))
        if let tags = offer.tags {
            judge.add(tags) { form.isAsWritten ? names.words($0) : names.latin($0) }
        }
        return judge.evidence()
    }
}
