import Contracts

extension IdentityJudge {
    func judgeVersion(_ evidence: inout Evidence) {
        let extra = foundMarks.subtracting(recording.marks).subtracting(allowedMarks)
        if !extra.isEmpty {
            evidence.vetoes.append(Veto(kind: .version, reason: extra.reason))
            evidence.version = 0
        } else if !hasWantedMarks || hasOtherChannels {
            evidence.vetoes.append(Veto(kind: .version, reason: "not the requested version"))
            evidence.version = 0
        }
    }

    /// Whether the request names mono or stereo, and the name only the other one.
    private var hasOtherChannels: Bool {
        let wanted = recording.parts.channels
        return !wanted.isEmpty && !name.channels.isEmpty && name.channels.isDisjoint(with: wanted)
    }

    private var foundMarks: VersionMarks {
        let found = name.marks.union(folders.marks).union(tagMarks)
        // The album tells that an outer folder is a shelf, such as that of a genre, unless the duration contradicts.
        return folders.album >= 0.9 && (hasSameLength || difference == nil) ? found : found.union(folders.outerMarks)
    }

    /// The marks that do not contradict: those of the wanted album, and names of edits if the duration agrees.
    private var allowedMarks: VersionMarks {
        var allowed = recording.albumMarks
        if folders.album >= 0.9 { allowed.formUnion(recording.looseAlbumMarks.subtracting(folders.marks)) }
        if hasSameLength { allowed.insert(.edit) }
        if !recording.isExplicit { allowed.insert(.clean) }
        return allowed
    }

    /// Whether the wanted edit is present. Its name can be missing if the duration agrees.
    private var hasWantedEdit: Bool {
        hasSameLength || difference == nil && !foundMarks.isDisjoint(with: recording.marks)
    }

    private var hasWantedMarks: Bool {
        let essential = recording.marks.subtracting([.edit, .reprise, .named])
        if recording.marks.contains(.named),
            max(name.qualifierNames, folders.qualifierNames) * 2 < form.qualifierNames.count
        {
            return false
        }
        let isNamed = form.qualifierNames.isEmpty || name.qualifierNames > 0
        if essential.isEmpty {
            return recording.marks.subtracting(.named).isEmpty || hasWantedEdit && (isNamed || folders.album >= 0.9)
        }
        if !essential.isDisjoint(with: [.remix, .rework]), name.qualifierNames * 2 < form.qualifierNames.count {
            return false
        }
        if essential.contains(.live), name.qualifierNames == 0, folders.hasOtherPlace { return false }
        let missing = essential.subtracting(foundMarks)
        if missing.isEmpty { return true }
        return folders.album >= 0.9 && hasSameLength && missing.isSubset(of: recording.albumMarks.union(.live))
    }
}
