import Contracts

/// What a wanted track and a recording that a catalogue lists have in common.
public struct CatalogueAgreement: Sendable, Equatable {
    /// How two names compare.
    public enum Name: String, Sendable {
        /// But for case, accents, signs and what is said about versions and guests.
        case same
        /// But for slips, or for the script.
        case near
        /// They are in different scripts, and do not sound alike.
        case unreadable
        case other
        /// Nothing is wanted.
        case unasked
    }

    public var title: Name
    public var artist: Name
    public var album: Name
    /// Both are the same kind of version.
    public var hasSameVersion: Bool
    /// The difference of the durations in milliseconds; `nil` if a duration is unknown.
    public var difference: Int?
    /// The wanted duration in milliseconds, from which ``difference`` is measured.
    var wantedDurationMS = 0
    /// The wanted title or artist is in another script than the listed one.
    public var hasOtherScript: Bool
}

extension CatalogueAgreement {
    /// Words alone show that both are the same recording.
    public var isSame: Bool {
        title.isAlike && artist.isAlike && hasSameVersion && isWithin(.sameRecording)
    }

    /// The words contradict an identifier by which both are said to be the same recording.
    ///
    /// Other names for the same length are a matter of taste, and a length alone is often wrong.
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

    /// Places on the album and dates of the release may be taken over.
    public var isOnAlbum: Bool { album != .other }
}

extension CatalogueAgreement.Name {
    var isAlike: Bool { self == .same || self == .near }
}
