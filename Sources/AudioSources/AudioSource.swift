/// A place where recordings can be searched for or fetched from.
public protocol AudioSource: Sendable {
    /// The name in `HDM_SOURCES` and in ``Candidate/source``, such as `folder`.
    var name: String { get }

    /// Checks whether the source can be used now.
    func readiness() async -> SourceReadiness
}

/// Whether a source can be used now.
public enum SourceReadiness: Sendable, Equatable {
    case ready
    /// The reason, and what to do about it.
    case notReady(String)

    /// The reason why the source is not ready; `nil` when it is ready.
    public var problem: String? {
        switch self {
        case .ready: nil
        case .notReady(let reason): reason
        }
    }
}
