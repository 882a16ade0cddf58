/// A place where recordings may be found or fetched from.
public protocol AudioSource: Sendable {
    /// The name in settings and in ``Candidate/source``, such as `folder`.
    var name: String { get }

    /// Whether the source can be used now; the reason when not.
    func readiness() async -> SourceReadiness
}

/// Whether a source can be used now.
public enum SourceReadiness: Sendable, Equatable {
    case ready
    /// The reason, for a person.
    case notReady(String)

    /// What stands in the way.
    public var problem: String? {
        switch self {
        case .ready: nil
        case .notReady(let reason): reason
        }
    }
}
