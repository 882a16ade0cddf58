import Accounts
public import Contracts

/// The reason why a catalogue request failed.
public enum CatalogueError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The catalogue has no such entry.
    case notFound(String)
    /// The entry exists, but this app or account may not read it, such as another user's playlist.
    case closed(String)
    /// A user must sign in (again), or credentials are missing or were refused. A retry does not help.
    case signInNeeded(String)
    /// No requests are made before a time, because of `Retry-After` or because the shared budget is used up.
    case paused(until: Timestamp, because: String)
    /// There was no usable response. A retry may help.
    case unavailable(String)
    /// The catalogue has no such list.
    case unsupported(String)
    /// The list has more entries than a setting allows. A retry does not help.
    case tooLarge(String)

    public var description: String {
        switch self {
        case .notFound(let subject): "\(subject) is not in the catalogue; check the link or id"
        case .closed(let subject):
            "\(subject) is closed to this account: only its owner or a collaborator can read it"
        case .signInNeeded(let reason): "the catalogue needs a sign-in: \(reason)"
        case .paused(let until, let reason): "the catalogue accepts no requests before \(until): \(reason)"
        case .unavailable(let reason): "the catalogue did not respond: \(reason)"
        case .unsupported(let list): "the catalogue has no \(list)"
        case .tooLarge(let reason): "the list is too long: \(reason)"
        }
    }

    init(_ error: TokenError) {
        self =
            switch error {
            case .signInNeeded(let reason): .signInNeeded(reason)
            case .paused(let until, let reason): .paused(until: until, because: reason)
            case .unavailable(let reason): .unavailable(reason)
            }
    }
}
