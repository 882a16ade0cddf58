/// What becomes of a track after its offers were judged.
public enum MatchOutcome: String, Sendable, Codable, CaseIterable {
    /// The first offer is the wanted recording.
    case accept
    /// The first offer may be; a person should look.
    case review
    /// None is.
    case reject
}

/// Why an offer is out of the question, whatever else speaks for it.
public struct Veto: Sendable, Equatable, Codable {
    public enum Kind: String, Sendable, Codable, CaseIterable {
        case version, duration, audio, locked, quality, title
    }

    public var kind: Kind
    /// For a person, in a few words.
    public var reason: String

    public init(kind: Kind, reason: String) {
        self.kind = kind
        self.reason = reason
    }
}
