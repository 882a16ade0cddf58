import Contracts
import Foundation

extension IdentityJudge {
    func judgeTitle(_ evidence: inout Evidence) {
        evidence.title = name.title
        evidence.otherSpelling = name.otherSpelling
        evidence.isFarSpelling =
            name.hasDoubtfulSpelling || name.otherSpelling != nil && !form.isLoose && name.title < 0.9
        if name.hasDoubtfulSpelling {
            evidence.isIdentifiedByPosition = isIdentifiedByPosition
            evidence.isDoubtful = evidence.isDoubtful || !isIdentifiedByPosition
        }
        if name.title == 0 {
            let isUnreadable = recording.hasForeignTitle && !hasOtherWords
            guard name.marks.isEmpty, isNumberedOnly || isIdentifiedByPosition && isUnreadable else {
                evidence.vetoes.append(Veto(kind: .title, reason: "another title"))
                return
            }
            evidence.title = 0.8
            // Offers with the title in the name are ranked first.
            evidence.isFarSpelling = isNumberedOnly
            if recording.isWordless, !namesWordlessTitle { evidence.isDoubtful = true }
        } else if lacksVersionName {
            evidence.isDoubtful = true
        }
        if name.title > 0, !name.unexplained.isEmpty {
            guard isGloss else {
                evidence.vetoes.append(Veto(kind: .title, reason: "unexplained: \(unexplained)"))
                return
            }
            evidence.hasTranslation = form.isAsWritten && !name.hasReading(of: form)
        }
    }

    /// Whether the name lacks words of the title that can name a version, and nothing else tells that they name none.
    private var lacksVersionName: Bool {
        recording.parts.mayNameVersion && !name.hasFullTitle && !(folders.album >= 0.9 && hasSameLength)
    }

    /// Whether the name is only a number, which is the wanted position on the wanted album.
    private var isNumberedOnly: Bool {
        guard let place = name.onlyPosition, place.track == recording.trackNumber, hasSameLength else { return false }
        return folders.album >= 0.9 && hasArtist && (place.disc ?? folders.disc ?? 1) == recording.discNumber ?? 1
    }

    private var unexplained: String {
        let text = name.unexplained.joined(separator: " ")
        return text.utf8.allSatisfy { $0 < 0xE1 } ? text : text.precomposedStringWithCanonicalMapping
    }

    /// Whether the unexplained words are a translation or reading of the title in another script. Such words look like
    /// those of a version, so that album or position must agree, and other peers must have the same file without them.
    private var isGloss: Bool {
        guard recording.hasForeignTitle, hasSameLength, name.marks.isEmpty, hasArtist, !name.hasVersionWord else {
            return false
        }
        if !form.isAsWritten { return name.hasReading(of: form) }
        return (folders.album >= 0.9 || hasSamePlace)
            && name.unexplained.allSatisfy { $0.utf8.allSatisfy { $0 < 0x80 } }
    }

    private var hasSamePlace: Bool { recording.trackNumber != nil && trackNumber == recording.trackNumber }

    private var hasArtist: Bool { max(name.artist, folders.artist) > 0 }

    /// Whether album, position and duration agree, which identifies the recording without its name.
    private var isIdentifiedByPosition: Bool {
        folders.album >= 0.9 && hasSameLength && hasSamePlace
    }

    func judgeArtist(_ evidence: inout Evidence) {
        evidence.artist = max(name.artist, folders.artist)
        if hasOtherTagArtist { evidence.isDoubtful = true }
        if folders.hasUnknownEdition, !recording.isClassical { evidence.isDoubtful = true }
        if folders.hasRemixes, recording.marks.isDisjoint(with: [.remix, .rework]), name.marks.isEmpty {
            evidence.isDoubtful = true
        }
        if recording.isClassical {
            judgePerformer(&evidence)
        } else if evidence.artist == 0 {
            let isCertain = isIdentifiedByPosition && !folders.hasNamesake
            evidence.artist = isCertain ? 0.85 : 0.3
            if !isCertain { evidence.isDoubtful = true }
        }
    }

    /// Lowers the evidence for a composer's work if no wanted performer is named.
    private func judgePerformer(_ evidence: inout Evidence) {
        if folders.hasOtherPerformers, !name.hasOtherArtist { evidence.isDoubtful = true }
        if name.hasOtherArtist || folders.hasOtherArtist {
            evidence.artist = max(evidence.artist, 0.9)
        } else {
            evidence.artist = min(evidence.artist, 0.4)
            if !isIdentifiedByPosition { evidence.isDoubtful = true }
        }
    }
}
