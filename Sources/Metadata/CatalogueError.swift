public import Contracts

/// Why a catalogue gave no answer.
public enum CatalogueError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The catalogue does not know it.
    case notFound(String)
    /// It is there, and closed to this app or account: another user's playlist, for example.
    case closed(String)
    /// A user has to sign in (again), or credentials are missing or refused. Not cured by trying again.
    case signInNeeded(String)
    /// No requests before a time: `Retry-After`, or the shared budget is spent.
    case paused(until: Timestamp, because: String)
    /// It did not answer, or answered with what cannot be used. Trying later may help.
    case unavailable(String)
    /// This catalogue has no such list.
    case unsupported(String)

    public var description: String {
        switch self {
        case .notFound(let what): "\(what) is not in the catalogue; check the link or id"
        case .closed(let what): "\(what) is closed to this account: only its owner or a collaborator can read it"
        case .signInNeeded(let why): "the catalogue asks for a sign-in: \(why)"
        case .paused(let until, let why): "the catalogue takes no requests before \(until): \(why)"
        case .unavailable(let why): "the catalogue could not be asked: \(why)"
        case .unsupported(let what): "the catalogue has no \(what)"
        }
    }
}
