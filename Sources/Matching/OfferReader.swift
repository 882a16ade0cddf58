import Contracts

/// Collects the evidence for one offer after another of the same track.
struct OfferReader {
    let wish: Wish
    let profile: MatchProfile
    /// Folders repeat from offer to offer.
    private var folderWords: [String: Words] = [:]

    init(wish: Wish, profile: MatchProfile) {
        self.wish = wish
        self.profile = profile
    }

    mutating func read(_ offer: OfferedFile) -> (evidence: Evidence, quality: AudioQuality) {
        let path = PathParser.parse(offer.path)
        let quality = AudioQuality(
            offer, type: path.fileExtension, wantedMS: wish.durationMS, minimumKbps: profile.minimumLossyKbps)
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
        let isAsWritten = form.isAsWritten
        let folders = path.folders.map { isAsWritten ? words($0) : read($0) }
        let names = NameReading(
            read(path.leaf), wish: form, sceneGroup: folders.first.flatMap { $0.texts.last })
        var judge = IdentityJudge(
            wish: wish, form: form, profile: profile, name: names, folders: FolderReading(folders, wish: form),
            path: path, durationMS: quality.durationMS)
        if let tags = offer.tags { judge.add(tags, read) }
        return judge.evidence()
    }

    private mutating func words(_ folder: String) -> Words {
        if let known = folderWords[folder] { return known }
        let words = Words(folder)
        folderWords[folder] = words
        return words
    }
}
