import Contracts
import Foundation

/// Weighs what a name, its folders and its tags say, into the evidence that an offer is the wanted recording.
struct IdentityJudge {
    let recording: WantedRecording
    let form: WantedRecording.Form
    let profile: MatchProfile
    var name: NameReading
    var folders: FolderReading
    let trackNumber: Int?
    let durationMS: Int?
    /// A file of the user's own.
    let isTrusted: Bool
    /// A title that consists of signs stands in the name as it is.
    let namesWordlessTitle: Bool
    private var tagMarks: VersionMarks = []
    private var hasSameISRC = false
    private var hasOtherTagArtist = false

    init(
        recording: WantedRecording, form: WantedRecording.Form, profile: MatchProfile, name: NameReading,
        folders: FolderReading,
        trackNumber: Int?, durationMS: Int?, isTrusted: Bool, namesWordlessTitle: Bool
    ) {
        self.recording = recording
        self.form = form
        self.profile = profile
        self.name = name
        self.folders = folders
        self.trackNumber = trackNumber
        self.durationMS = durationMS
        self.isTrusted = isTrusted
        self.namesWordlessTitle = namesWordlessTitle
    }

    /// Tags are evidence beside the path: they can prove what the path leaves open, and their marks count as well.
    mutating func add(_ tags: OfferedTags, _ read: (String) -> Words) {
        hasSameISRC = recording.isrc != nil && tags.isrc.flatMap(ISRC.init) == recording.isrc
        if let title = tags.title {
            let reading = NameReading(read(title), recording: form, folder: nil)
            tagMarks = reading.marks
            if reading.title > 0, reading.title > name.title || reading.unexplained.count < name.unexplained.count {
                let artist = name.artist
                name = reading
                name.artist = max(artist, reading.artist)
            }
        }
        if let album = tags.album, !form.album.isEmpty {
            let words = read(album)
            let found = words.find(form.album, isLoose: form.isLoose) { $0.count == words.count }
            folders.album = max(folders.album, found?.ratio ?? 0)
        }
        addArtist(tags, read)
    }

    private mutating func addArtist(_ tags: OfferedTags, _ read: (String) -> Words) {
        guard let text = tags.artist ?? tags.albumArtist else { return }
        let words = read(text)
        if let found = form.artists.first?.find(in: words, isLoose: form.isLoose, where: { $0.lowerBound == 0 }) {
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
        if isTrusted {
            // In one's own collection, title and artist are enough of a wish that says nothing more.
            evidence.leavesOutDuration = recording.durationMS == nil
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
        guard let wanted = recording.durationMS, wanted > 0, let durationMS, durationMS > 0 else { return nil }
        return DurationTolerance.difference(durationMS, wanted)
    }

    /// Whether the file's duration lies within a tolerance; `nil` if a duration is unknown.
    private func isWithin(_ tolerance: DurationTolerance) -> Bool? {
        guard let difference, let wanted = recording.durationMS else { return nil }
        return tolerance.accepts(difference: difference, from: wanted)
    }

    private var durationCloseness: Double? {
        guard difference != nil else { return nil }
        if isWithin(.sameRelease) == true { return 1 }
        if hasSameLength { return 0.9 }
        return isWithin(profile.possibleRecording) == true ? 0.5 : 0
    }

    private var hasSameLength: Bool { isWithin(profile.sameRecording) ?? false }

    private func judgeDuration(_ evidence: inout Evidence) {
        guard let difference else { return }
        evidence.isOffLength = !hasSameLength
        guard isWithin(profile.possibleRecording) == false else { return }
        evidence.vetoes.append(Veto(kind: .duration, reason: "\(difference / 1000) s longer or shorter"))
    }
}

// MARK: - Title and artist

extension IdentityJudge {
    private func judgeTitle(_ evidence: inout Evidence) {
        evidence.title = name.title
        evidence.otherSpelling = name.otherSpelling
        evidence.isFarSpelling =
            name.hasDoubtfulSpelling || name.otherSpelling != nil && !form.isLoose && name.title < 0.9
        if name.hasDoubtfulSpelling {
            evidence.isSpeltByPlace = isPinnedDown
            evidence.isDoubtful = evidence.isDoubtful || !isPinnedDown
        }
        if name.title == 0 {
            guard name.marks.isEmpty, isNumberedOnly || isPinnedDown && recording.hasForeignTitle else {
                evidence.vetoes.append(Veto(kind: .title, reason: "another title"))
                return
            }
            evidence.title = 0.8
            // What bears the name comes first.
            evidence.isFarSpelling = isNumberedOnly
            if recording.isWordless, !namesWordlessTitle { evidence.isDoubtful = true }
        } else if !name.unexplained.isEmpty, !isGloss {
            evidence.vetoes.append(Veto(kind: .title, reason: "unexplained: \(unexplained)"))
        }
    }

    /// A file without a title, at the wanted place of the wanted artist's album.
    private var isNumberedOnly: Bool {
        guard let place = name.onlyPlace, place.track == recording.trackNumber, hasSameLength else { return false }
        return folders.album >= 0.9 && hasArtist && (place.disc ?? folders.disc ?? 1) == recording.discNumber ?? 1
    }

    private var unexplained: String {
        let text = name.unexplained.joined(separator: " ")
        return text.utf8.allSatisfy { $0 < 0xE1 } ? text : text.precomposedStringWithCanonicalMapping
    }

    /// A title in one script, with its translation or reading beside it. Such words look like those of any version: the
    /// album or the place on it must agree.
    private var isGloss: Bool {
        guard recording.hasForeignTitle, hasSameLength, name.marks.isEmpty, hasArtist else { return false }
        if !form.isAsWritten { return name.hasReading(of: form) }
        return (folders.album >= 0.9 || hasSamePlace)
            && name.unexplained.allSatisfy { $0.utf8.allSatisfy { $0 < 0x80 } }
    }

    private var hasSamePlace: Bool { recording.trackNumber != nil && trackNumber == recording.trackNumber }

    private var hasArtist: Bool { max(name.artist, folders.artist) > 0 }

    /// Album, place on it and length together are as good as a name.
    private var isPinnedDown: Bool {
        folders.album >= 0.9 && hasSameLength && hasSamePlace
    }

    private func judgeArtist(_ evidence: inout Evidence) {
        evidence.artist = max(name.artist, folders.artist)
        if hasOtherTagArtist { evidence.isDoubtful = true }
        if folders.hasUnknownEdition, !recording.isClassical { evidence.isDoubtful = true }
        if recording.isClassical {
            judgePerformer(&evidence)
        } else if evidence.artist == 0 {
            let isSure = isPinnedDown && !folders.hasNamesake
            evidence.artist = isSure ? 0.85 : 0.3
            if !isSure { evidence.isDoubtful = true }
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
        let extra = foundMarks.subtracting(recording.marks).subtracting(allowedMarks)
        if !extra.isEmpty {
            evidence.vetoes.append(Veto(kind: .version, reason: extra.objection))
            evidence.version = 0
        } else if !hasWantedMarks {
            evidence.vetoes.append(Veto(kind: .version, reason: "not the version that was asked for"))
            evidence.version = 0
        }
    }

    private var foundMarks: VersionMarks { name.marks.union(folders.marks).union(tagMarks) }

    /// The names of edits say nothing where the length agrees; an album's own kind goes for all of it.
    private var allowedMarks: VersionMarks {
        var allowed = recording.albumMarks
        if hasSameLength { allowed.insert(.edit) }
        if !recording.isExplicit { allowed.insert(.clean) }
        return allowed
    }

    /// An edit's name may be missing where the length agrees.
    private var hasWantedEdit: Bool {
        hasSameLength || difference == nil && !foundMarks.isDisjoint(with: recording.marks)
    }

    private var hasWantedMarks: Bool {
        let essential = recording.marks.subtracting([.edit, .reprise])
        let isNamed = form.qualifierNames.isEmpty || name.qualifierNames > 0
        if essential.isEmpty { return recording.marks.isEmpty || hasWantedEdit && (isNamed || folders.album >= 0.9) }
        if !essential.isDisjoint(with: [.remix, .rework]), name.qualifierNames * 2 < form.qualifierNames.count {
            return false
        }
        if !foundMarks.isDisjoint(with: essential) { return true }
        return folders.album >= 0.9 && hasSameLength && !recording.albumMarks.isDisjoint(with: essential)
            || folders.album >= 0.9 && hasSameLength && essential == .live
    }
}
