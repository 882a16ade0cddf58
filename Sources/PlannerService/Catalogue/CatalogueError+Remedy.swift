import Catalogues
import Contracts

/// What to do when a catalogue does not deliver a page.
enum CatalogueRemedy: Sendable, Equatable {
    /// - Parameter failures: how many attempts in a row have failed by then.
    case wait(until: Timestamp, failures: Int)
    /// A retry does not help, or was tried often enough.
    case giveUp
}

extension CatalogueError {
    /// The interval between checks whether a user has signed in.
    private static let signInInterval: Duration = .seconds(60)
    /// Attempts in a row, the last ones 15 minutes apart, after which an unavailable catalogue is given up.
    private static let maximumFailures = 60

    /// Returns what to do after this error.
    func remedy(after failures: Int, at now: Timestamp) -> CatalogueRemedy {
        switch self {
        case .paused(let until, _): .wait(until: max(until, now + .seconds(1)), failures: 0)
        case .signInNeeded: .wait(until: now + Self.signInInterval, failures: 0)
        case .unavailable where failures < Self.maximumFailures:
            .wait(until: now + .seconds(min(900, 5 << min(failures, 10))), failures: failures + 1)
        case .unavailable, .notFound, .closed, .unsupported, .tooLarge: .giveUp
        }
    }

    /// The error's code in responses. A public contract.
    var code: String {
        switch self {
        case .notFound: "not_found"
        case .closed: "closed"
        case .signInNeeded: "sign_in_needed"
        case .paused: "paused"
        case .unavailable: "unavailable"
        case .unsupported: "unsupported"
        case .tooLarge: "too_large"
        }
    }
}
