/// The result of a check.
public enum CheckOutcome: String, Sendable {
    case passed, failed
    /// The file does not contain what would decide it.
    case unknown
}

/// Whether a file has all of its audio, from the beginning to the end.
struct Completeness: Sendable, Equatable {
    let outcome: CheckOutcome
    let reason: String

    static func passed(_ reason: String) -> Completeness { Completeness(outcome: .passed, reason: reason) }
    static func failed(_ reason: String) -> Completeness { Completeness(outcome: .failed, reason: reason) }
    static func unknown(_ reason: String) -> Completeness { Completeness(outcome: .unknown, reason: reason) }
}
