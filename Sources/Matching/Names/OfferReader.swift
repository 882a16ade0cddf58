import Contracts

/// Collects the evidence for one offer after another of the same track.
struct OfferReader {
    let wish: Wish
    let profile: MatchProfile
    private var names: NameReader
    private let written: Wish.Form
    /// Made when the first name needs them.
    private var romanised: Wish.Form?
    private var transliterated: Wish.Form?
    private var folders: FolderReader
    private var namesWordlessTitle = false
    /// The Chinese signs of the wanted title.
    private let titleSigns: WordSet
    /// The name at hand, and the same in Latin letters: their memory is used again.
    private var leaf = Words()
    private var latinLeaf = Words()

    init(wanted track: Track, profile: MatchProfile) {
        var names = NameReader()
        wish = Wish(track, &names)
        let texts = ([wish.album, track.title] + wish.artists).joined(separator: " ")
        names.legacy = LegacyEncodings(script: texts)
        names.wantedSigns = Self.signs(texts)
        titleSigns = Self.signs(track.title)
        written = Wish.Form(wish, .asWritten, &names)
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
        evidence.vetoes = [Veto(kind: .title, reason: "its path is longer than a file's can be")]
        return (evidence, AudioQuality.unknown)
    }

    private mutating func read(
        _ offer: OfferedFile, _ bytes: UnsafeBufferPointer<UInt8>
    ) -> (evidence: Evidence, quality: AudioQuality) {
        let path = PathParser.parse(bytes)
        let quality = AudioQuality(
            offer, type: path.type, wantedMS: wish.durationMS, minimumKbps: profile.minimumLossyKbps,
            isTrusted: profile.trusts(offer.source))
        var evidence = identity(offer, path, bytes, quality)
        if offer.isLocked { evidence.vetoes.append(Veto(kind: .locked, reason: "the source does not hand it over")) }
        if let doubt = quality.doubt { evidence.vetoes.append(Veto(kind: .audio, reason: doubt)) }
        if let found = quality.qualityClass, !profile.qualities.contains(found) {
            evidence.vetoes.append(Veto(kind: .quality, reason: "the profile does not want \(found.rawValue)"))
        }
        return (evidence, quality)
    }

    private mutating func identity(
        _ offer: OfferedFile, _ path: PathParts, _ bytes: UnsafeBufferPointer<UInt8>, _ quality: AudioQuality
    ) -> Evidence {
        let leafBytes = UnsafeBufferPointer(rebasing: bytes[path.leaf])
        namesWordlessTitle = wish.isWordless && String(decoding: leafBytes, as: UTF8.self).contains(wish.title)
        readLeaf(leafBytes)
        let isForeignLeaf = isForeign(leaf)
        if wish.isUnreadableInLatin, !isForeignLeaf { return latinEvidence(offer, path, bytes, quality, isLoose: true) }
        let folder = folders.read(bytes, path.directory, wish: written, &names)
        let found = evidence(offer, path, quality, written, leaf, folder)
        guard !found.vetoes.isEmpty || found.isDoubtful, wish.isForeign || folder.isForeign || isForeignLeaf else {
            return found
        }
        // In the wanted script there is nothing to romanise: only its other signs may read alike.
        let isSameScript = wish.hasForeignTitle && isForeignLeaf && !hasLatinLetters(leaf)
        if isSameScript, found.title == 0, wish.isAlphabetic || !hasTitleSign(leaf) { return found }
        let other = latinEvidence(offer, path, bytes, quality, isLoose: !(wish.hasForeignTitle && isForeignLeaf))
        return Self.isBetter(other, found) ? other : found
    }

    private mutating func latinEvidence(
        _ offer: OfferedFile, _ path: PathParts, _ bytes: UnsafeBufferPointer<UInt8>, _ quality: AudioQuality,
        isLoose: Bool
    ) -> Evidence {
        let latin = latinForm(isLoose: isLoose)
        names.read(latin: leaf, into: &latinLeaf)
        let folder = folders.read(bytes, path.directory, wish: latin, &names)
        return evidence(offer, path, quality, latin, latinLeaf, folder)
    }

    private mutating func readLeaf(_ name: UnsafeBufferPointer<UInt8>) {
        if let plain = SiteName.removed(from: name) { leaf = names.words(plain) } else { names.read(name, into: &leaf) }
    }

    /// Two ways to write a name in Chinese signs have some in common.
    private func hasTitleSign(_ words: Words) -> Bool {
        guard !titleSigns.isEmpty else { return true }
        return words.letters.indices.contains { index in
            guard words.letters[index] >= 0xE3, index + 3 <= words.letters.count else { return false }
            let value = words.letters[index..<index + 3].reduce(0) { $0 << 6 | WordID($1 & 0x3F) } & 0xFFFF
            return titleSigns.contains(value)
        }
    }

    /// More than an abbreviation's.
    private func hasLatinLetters(_ words: Words) -> Bool {
        words.letters.count { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) } > 4
    }

    private func isForeign(_ words: Words) -> Bool { words.letters.contains { $0 >= 0x80 } }

    private mutating func latinForm(isLoose: Bool) -> Wish.Form {
        if let made = isLoose ? romanised : transliterated { return made }
        let made = Wish.Form(wish, isLoose ? .romanised : .transliterated, &names)
        if isLoose { romanised = made } else { transliterated = made }
        return made
    }

    private static func isBetter(_ a: Evidence, _ b: Evidence) -> Bool {
        if a.vetoes.isEmpty != b.vetoes.isEmpty { return a.vetoes.isEmpty }
        if a.isDoubtful != b.isDoubtful { return b.isDoubtful }
        return a.score > b.score
    }

    private mutating func evidence(
        _ offer: OfferedFile, _ path: PathParts, _ quality: AudioQuality, _ form: Wish.Form, _ leaf: Words,
        _ folder: FolderReader.Reading
    ) -> Evidence {
        var judge = IdentityJudge(
            wish: wish, form: form, profile: profile, name: NameReading(leaf, wish: form, folder: folder.nearest),
            folders: folder.reading, trackNumber: path.trackNumber, durationMS: quality.durationMS,
            isTrusted: profile.trusts(offer.source), namesWordlessTitle: namesWordlessTitle)
        if let tags = offer.tags {
            judge.add(tags) { form.isAsWritten ? names.words($0) : names.latin($0) }
        }
        return judge.evidence()
    }
}
