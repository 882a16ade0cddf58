/// The decision about a track after its offers were judged.
public enum MatchOutcome: String, Sendable, Codable, CaseIterable {
    /// The first offer is the wanted recording.
    case accept
    /// The first offer may be the wanted recording; a person decides.
    case review
    /// No offer is the wanted recording.
    case reject
}

/// A reason that excludes an offer, whatever its score.
public struct Veto: Sendable, Equatable, Codable {
    public enum Kind: String, Sendable, Codable, CaseIterable {
        case version, duration, audio, locked, quality, title
    }

    public var kind: Kind
    /// A short text for people.
    public var reason: String

    public init(kind: Kind, reason: String) {
        self.kind = kind
        self.reason = reason
    }
}
