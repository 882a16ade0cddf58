import Contracts
import Foundation

/// Combines name, folders and tags of an offer into the evidence that it is the wanted recording.
struct IdentityJudge {
    let recording: WantedRecording
    let form: WantedNames
    let profile: MatchProfile
    var name: NameReading
    var folders: FolderReading
    let trackNumber: Int?
    let durationMS: Int?
    /// Whether the file is one of the user's own.
    let isTrusted: Bool
    /// Whether the name contains a title that consists of signs only.
    let namesWordlessTitle: Bool
    /// Whether the name has words in the script of the title that are not those of the request.
    let hasOtherWords: Bool
    var tagMarks: VersionMarks = []
    var hasSameISRC = false
    var hasOtherTagArtist = false

    init(
        recording: WantedRecording, form: WantedNames, profile: MatchProfile, name: NameReading,
        folders: FolderReading,
        trackNumber: Int?, durationMS: Int?, isTrusted: Bool, namesWordlessTitle: Bool, hasOtherWords: Bool
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
        self.hasOtherWords = hasOtherWords
    }

    /// Adds the tags as evidence beside the path. Their version marks count like those of the path.
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
        // Without a duration a folder of the album makes it likely that the file is the recording on the album.
        evidence.duration = durationCloseness ?? (folders.album >= 0.9 ? 0.65 : 0.5)
        evidence.album = folders.album > 0 ? folders.album : 0.5
        evidence.isWantedEdition = folders.album >= 1 && !folders.hasEdition && !name.hasEdition
        judgeDuration(&evidence)
        if hasSameISRC {
            (evidence.title, evidence.artist, evidence.album, evidence.version) = (1, 1, 1, 1)
            return evidence
        }
        judgeTitle(&evidence)
        judgeArtist(&evidence)
        judgeVersion(&evidence)
        if isTrusted {
            // In the user's own collection title and artist are sufficient if the request has nothing else.
            evidence.ignoresDuration = recording.durationMS == nil
            evidence.ignoresAlbum = form.album.isEmpty
        }
        let isUnpinned = difference == nil && folders.album < 0.9
        if isUnpinned, !(evidence.ignoresDuration && evidence.ignoresAlbum) { evidence.isDoubtful = true }
        return evidence
    }
}

// MARK: - Length

extension IdentityJudge {
    var difference: Int? {
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

    var hasSameLength: Bool { isWithin(profile.sameRecording) ?? false }

    private func judgeDuration(_ evidence: inout Evidence) {
        guard let difference else { return }
        evidence.isOffLength = !hasSameLength
        guard isWithin(profile.possibleRecording) == false else { return }
        evidence.vetoes.append(Veto(kind: .duration, reason: "\(difference / 1000) s longer or shorter"))
    }
}
