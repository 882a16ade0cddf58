import Contracts

/// Collects the evidence for one offer after another of the same track.
struct OfferReader {
    let wish: Wish
    let profile: MatchProfile
    /// Folders repeat from offer to offer, each form of the wish reads them once.
    private var folderReadings: [FolderKey: (words: Words, reading: FolderReading)] = [:]

    private struct FolderKey: Hashable {
        var name: String
        var isNear: Bool
        var isAsWritten: Bool
    }

    init(wish: Wish, profile: MatchProfile) {
        self.wish = wish
        self.profile = profile
    }

    mutating func read(_ offer: OfferedFile) -> (evidence: Evidence, quality: AudioQuality) {
        let path = PathParser.parse(offer.shownPath ?? offer.path)
        let quality = AudioQuality(
            offer, type: path.fileExtension, wantedMS: wish.durationMS, minimumKbps: profile.minimumLossyKbps,
            isTrusted: profile.trustsAttributes)
        var evidence = identity(offer, path, quality)
        if offer.isLocked { evidence.vetoes.append(Veto(kind: .locked, reason: "the source does not hand it over")) }
        if let doubt = quality.doubt { evidence.vetoes.append(Veto(kind: .audio, reason: doubt)) }
        if let found = quality.qualityClass, !profile.qualities.contains(found) {
            evidence.vetoes.append(Veto(kind: .quality, reason: "the profile does not want \(found.rawValue)"))
        }
        return (evidence, quality)
    }

    private mutating func identity(_ offer: OfferedFile, _ path: PathEvidence, _ quality: AudioQuality) -> Evidence {
        let written = identity(offer, path, quality, wish.form) { Words($0) }
        guard let latin = wish.latin else { return written }
        let transliterated = identity(offer, path, quality, latin) { Words(latin: $0) }
        return Self.isBetter(transliterated, written) ? transliterated : written
    }

    private static func isBetter(_ a: Evidence, _ b: Evidence) -> Bool {
        if a.vetoes.isEmpty != b.vetoes.isEmpty { return a.vetoes.isEmpty }
        if a.isDoubtful != b.isDoubtful { return b.isDoubtful }
        return a.score > b.score
    }

    private mutating func identity(
        _ offer: OfferedFile, _ path: PathEvidence, _ quality: AudioQuality, _ form: Wish.Form,
        _ read: (String) -> Words
    ) -> Evidence {
        var folders = FolderReading()
        var nearest: Words?
        for (depth, name) in path.folders.enumerated() {
            let (words, reading) = folder(name, isNear: depth < 2, form, read)
            if depth == 0 { nearest = words }
            folders.add(reading)
        }
        let names = NameReading(read(path.leaf), wish: form, folder: nearest)
        var judge = IdentityJudge(
            wish: wish, form: form, profile: profile, name: names, folders: folders, path: path,
            durationMS: quality.durationMS)
        if let tags = offer.tags { judge.add(tags, read) }
        return judge.evidence()
    }

    private mutating func folder(
        _ name: String, isNear: Bool, _ form: Wish.Form, _ read: (String) -> Words
    ) -> (words: Words, reading: FolderReading) {
        let key = FolderKey(name: name, isNear: isNear, isAsWritten: form.isAsWritten)
        if let known = folderReadings[key] { return known }
        let words = read(name)
        let reading = (words, FolderReading(words, isNear: isNear, wish: form))
        folderReadings[key] = reading
        return reading
    }
}
