import Contracts

/// The comparison of a wanted track with a recording in a catalogue.
public struct CatalogueAgreement: Sendable, Equatable {
    /// The result of comparing two names.
    public enum Name: String, Sendable {
        /// Equal except for case, accents, signs, versions and guests.
        case same
        /// Equal except for typing errors or the script.
        case near
        /// In different scripts, and their transliterations differ.
        case unreadable
        case other
        /// The wanted name is unknown.
        case unasked
    }

    public var title: Name
    public var artist: Name
    public var album: Name
    /// Whether both are the same version.
    public var hasSameVersion: Bool
    /// The difference of the durations in milliseconds; `nil` if a duration is unknown.
    public var difference: Int?
    /// The wanted duration in milliseconds, from which ``difference`` is measured.
    var wantedDurationMS = 0
    /// Whether the wanted title or artist is in another script than the listed one.
    public var hasOtherScript: Bool
}

extension CatalogueAgreement {
    /// Whether names and duration show that both are the same recording.
    public var isSame: Bool {
        title.isAlike && artist.isAlike && hasSameVersion && isWithin(.sameRecording)
    }

    /// Whether the names contradict an identifier that both have.
    ///
    /// A different title or version with the same duration is no contradiction, and neither is a different duration
    /// alone.
    public var isContradiction: Bool {
        if title == .other, artist == .other { return true }
        guard title == .other || !hasSameVersion else { return false }
        guard difference != nil else { return !hasSameVersion }
        return !isWithin(.possibleRecording)
    }

    /// Whether the durations agree; an unknown one agrees.
    private func isWithin(_ tolerance: DurationTolerance) -> Bool {
        tolerance.accepts(difference: difference ?? 0, from: wantedDurationMS)
    }

    /// Whether track numbers and release dates can be copied from the catalogue.
    public var isOnAlbum: Bool { album != .other }
}

extension CatalogueAgreement.Name {
    var isAlike: Bool { self == .same || self == .near }
}
