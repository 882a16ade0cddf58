import Contracts
import Metadata

/// What to do when a catalogue has no answer.
enum CatalogueRemedy: Sendable, Equatable {
    /// - Parameter failures: how many attempts in a row have brought nothing by then.
    case wait(until: Timestamp, failures: Int)
    /// Trying again does not cure it, or was tried often enough.
    case giveUp
}

extension CatalogueError {
    /// How soon it is asked again whether somebody has signed in.
    private static let signInPause: Duration = .seconds(60)
    /// Attempts in a row, the last ones a quarter of an hour apart, after which a catalogue that does not answer is given up.
    private static let mostFailures = 60

    /// What to do about it.
    func remedy(after failures: Int, at now: Timestamp) -> CatalogueRemedy {
        switch self {
        case .paused(let until, _): .wait(until: max(until, now + .seconds(1)), failures: 0)
        case .signInNeeded: .wait(until: now + Self.signInPause, failures: 0)
        case .unavailable where failures < Self.mostFailures:
            .wait(until: now + .seconds(min(900, 5 << min(failures, 10))), failures: failures + 1)
        case .unavailable, .notFound, .closed, .unsupported: .giveUp
        }
    }

    /// The word for it in answers. A public contract.
    var code: String {
        switch self {
        case .notFound: "not_found"
        case .closed: "closed"
        case .signInNeeded: "sign_in_needed"
        case .paused: "paused"
        case .unavailable: "unavailable"
        case .unsupported: "unsupported"
        }
    }
}
