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
    /// Milliseconds; `nil` when one of the lengths is not known.
    public var difference: Int?
    /// The wanted title or artist is in another script than the listed one.
    public var hasOtherScript: Bool

    /// Milliseconds within which two lengths are those of one recording.
    private static let sameLength = 5_000
    /// Milliseconds from which on they are those of two.
    private static let otherLength = 9_000
}

extension CatalogueAgreement {
    /// Words alone show that both are the same recording.
    public var isSame: Bool {
        title.isAlike && artist.isAlike && hasSameVersion && difference ?? 0 <= Self.sameLength
    }

    /// The words contradict an identifier by which both are said to be the same recording.
    ///
    /// Other names for the same length are a matter of taste, and a length alone is often wrong.
    public var isContradiction: Bool {
        if title == .other, artist == .other { return true }
        guard title == .other || !hasSameVersion else { return false }
        guard let difference else { return !hasSameVersion }
        return difference >= Self.otherLength
    }

    /// Places on the album and dates of the release may be taken over.
    public var isOnAlbum: Bool { album != .other }
}

extension CatalogueAgreement.Name {
    var isAlike: Bool { self == .same || self == .near }
}
