import Contracts

/// Weighs what a name, its folders and its tags say, into the evidence that an offer is the wanted recording.
struct IdentityJudge {
    let wish: Wish
    let form: Wish.Form
    let profile: MatchProfile
    var name: NameReading
    var folders: FolderReading
    let path: PathEvidence
    let durationMS: Int?
    private var tagMarks: Set<VersionMark> = []
    private var hasSameISRC = false
    private var hasOtherTagArtist = false

    init(
        wish: Wish, form: Wish.Form, profile: MatchProfile, name: NameReading, folders: FolderReading,
        path: PathEvidence, durationMS: Int?
    ) {
        self.wish = wish
        self.form = form
        self.profile = profile
        self.name = name
        self.folders = folders
        self.path = path
        self.durationMS = durationMS
    }

    /// Tags are evidence beside the path: they can prove what the path leaves open, and their marks count as well.
    mutating func add(_ tags: OfferedTags, _ read: (String) -> Words) {
        hasSameISRC = wish.isrc != nil && tags.isrc?.comparableISRC == wish.isrc
        if let title = tags.title {
            let reading = NameReading(read(title), wish: form, folder: nil)
            tagMarks = reading.marks
            if reading.title > 0, reading.title > name.title || reading.unexplained.count < name.unexplained.count {
                let artist = name.artist
                name = reading
                name.artist = max(artist, reading.artist)
            }
        }
        if let album = tags.album, let found = read(album).find(form.album), found.range.count == read(album).count {
            folders.album = max(folders.album, found.ratio)
        }
        addArtist(tags, read)
    }

    private mutating func addArtist(_ tags: OfferedTags, _ read: (String) -> Words) {
        guard let text = tags.artist ?? tags.albumArtist else { return }
        let words = read(text)
        if let found = form.artists.first?.find(in: words, where: { $0.lowerBound == 0 }) {
            folders.artist = max(folders.artist, found.ratio)
        } else {
            hasOtherTagArtist = true
        }
    }

    func evidence() -> Evidence {
        var evidence = Evidence()
        // Without a length, an album's own folder makes it likely that the file is that album's cut.
        evidence.duration = durationCloseness ?? (folders.album >= 0.9 ? 0.65 : 0.5)
        evidence.album = folders.album > 0 ? folders.album : 0.5
        judgeDuration(&evidence)
        if hasSameISRC {
            (evidence.title, evidence.artist, evidence.album, evidence.version) = (1, 1, 1, 1)
            return evidence
        }
        judgeTitle(&evidence)
        judgeArtist(&evidence)
        judgeVersion(&evidence)
        if profile.trustsAttributes {
            // In one's own collection, title and artist are enough of a wish that says nothing more.
            evidence.leavesOutDuration = wish.durationMS == nil
            evidence.leavesOutAlbum = form.album.isEmpty
        }
        let isUnpinned = difference == nil && folders.album < 0.9
        if isUnpinned, !(evidence.leavesOutDuration && evidence.leavesOutAlbum) { evidence.isDoubtful = true }
        return evidence
    }
}

// MARK: - Length

extension IdentityJudge {
    private var difference: Int? {
        guard let wanted = wish.durationMS, wanted > 0, let durationMS, durationMS > 0 else { return nil }
        return abs(wanted - durationMS)
    }

    private var durationCloseness: Double? {
        guard let difference else { return nil }
        switch difference {
        case ...2_000: return 1
        case ...profile.sameLength: return 0.9
        case ..<profile.otherLength: return 0.5
        default: return 0
        }
    }

    private var hasSameLength: Bool { difference.map { $0 <= profile.sameLength } ?? false }

    private func judgeDuration(_ evidence: inout Evidence) {
        guard let difference, difference >= profile.otherLength else { return }
        evidence.vetoes.append(Veto(kind: .duration, reason: "\(difference / 1000) s longer or shorter"))
    }
}

// MARK: - Title and artist

extension IdentityJudge {
    private func judgeTitle(_ evidence: inout Evidence) {
        evidence.title = name.title
        evidence.otherSpelling = name.otherSpelling
        if name.title == 0 {
            guard isPinnedDown, wish.isForeign, name.marks.isEmpty else {
                evidence.vetoes.append(Veto(kind: .title, reason: "another title"))
                return
            }
            evidence.title = 0.8
        } else if !name.unexplained.isEmpty, !isGloss {
            let words = name.unexplained.joined(separator: " ")
            evidence.vetoes.append(Veto(kind: .title, reason: "unexplained: \(words)"))
        }
    }

    /// A title in one script, with its translation or reading beside it.
    private var isGloss: Bool {
        wish.isForeign && form.isAsWritten && hasSameLength && name.marks.isEmpty && hasArtist
            && name.unexplained.allSatisfy { $0.utf8.allSatisfy { $0 < 0x80 } }
    }

    private var hasArtist: Bool { max(name.artist, folders.artist) > 0 }

    /// Album, place on it and length together are as good as a name.
    private var isPinnedDown: Bool {
        folders.album >= 0.9 && hasSameLength && wish.trackNumber != nil && path.trackNumber == wish.trackNumber
    }

    private func judgeArtist(_ evidence: inout Evidence) {
        evidence.artist = max(name.artist, folders.artist)
        if hasOtherTagArtist { evidence.isDoubtful = true }
        if wish.isClassical {
            judgePerformer(&evidence)
        } else if evidence.artist == 0 {
            evidence.artist = isPinnedDown ? 0.85 : 0.3
            if !isPinnedDown { evidence.isDoubtful = true }
        }
    }

    /// A composer's work is the same recording only when one of its performers is named.
    private func judgePerformer(_ evidence: inout Evidence) {
        if name.hasOtherArtist || folders.hasOtherArtist {
            evidence.artist = max(evidence.artist, 0.9)
        } else {
            evidence.artist = min(evidence.artist, 0.4)
            if !isPinnedDown { evidence.isDoubtful = true }
        }
    }
}

// MARK: - Version

extension IdentityJudge {
    private func judgeVersion(_ evidence: inout Evidence) {
        let extra = foundMarks.subtracting(wish.marks).subtracting(allowedMarks)
        if let mark = extra.min(by: { $0.rawValue < $1.rawValue }) {
            evidence.vetoes.append(Veto(kind: .version, reason: "\(mark.rawValue) was not asked for"))
            evidence.version = 0
        } else if !hasWantedMarks {
            evidence.vetoes.append(Veto(kind: .version, reason: "not the version that was asked for"))
            evidence.version = 0
        }
    }

    private var foundMarks: Set<VersionMark> { name.marks.union(folders.marks).union(tagMarks) }

    /// The names of edits say nothing where the length agrees; an album's own kind goes for all of it.
    private var allowedMarks: Set<VersionMark> {
        var allowed = wish.albumMarks
        if hasSameLength { allowed.insert(.edit) }
        if !wish.isExplicit { allowed.insert(.clean) }
        return allowed
    }

    private var hasWantedMarks: Bool {
        let essential = wish.marks.subtracting([.edit, .reprise])
        let isNamed = form.qualifierNames.isEmpty || name.qualifierNames > 0
        if essential.isEmpty { return wish.marks.isEmpty || hasSameLength && (isNamed || folders.album >= 0.9) }
        if essential.contains(.remix), !isNamed { return false }
        if !foundMarks.isDisjoint(with: essential) { return true }
        return folders.album >= 0.9 && hasSameLength && !wish.albumMarks.isDisjoint(with: essential)
            || folders.album >= 0.9 && hasSameLength && essential == [.live]
    }
}
