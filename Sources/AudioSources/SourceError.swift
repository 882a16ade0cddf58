public import Contracts

/// A failure of a source.
public struct SourceError: Error, Sendable, Equatable, CustomStringConvertible {
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        public let description: String

        /// The file no longer exists where the source offered it.
        public static let gone = Code(description: "gone")
        /// The file changed since it was offered, or during the transfer.
        public static let changed = Code(description: "changed")
        /// The file exists, but its bytes cannot be read.
        public static let unreadable = Code(description: "unreadable")
        public static let permissionDenied = Code(description: "permission_denied")
        /// The target disk is full.
        public static let diskFull = Code(description: "disk_full")
        /// The whole source cannot be reached or is not ready.
        public static let unavailable = Code(description: "unavailable")
        /// The source or the owner of the file refuses the transfer.
        public static let refused = Code(description: "refused")
        /// The owner of the file is offline or cannot be reached. None of its files can be fetched for the moment.
        public static let peerAway = Code(description: "peer_away")
        /// The transfer took too long or stalled.
        public static let timedOut = Code(description: "timed_out")
        /// The source does not accept the credentials.
        public static let unauthorised = Code(description: "unauthorised")
        /// The source lost the transfer repeatedly. Neither the file nor its owner is at fault.
        public static let lost = Code(description: "lost")
        /// The source transfers the file for another client at the moment.
        public static let inUse = Code(description: "in_use")
        /// The settings do not select the source.
        public static let notEnabled = Code(description: "not_enabled")
    }

    public let code: Code
    /// What failed and what to do about it.
    public let message: String

    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    public var description: String { message }

    /// Whether another candidate may succeed.
    public var anotherCandidateMayHelp: Bool {
        [
            .gone, .changed, .unreadable, .permissionDenied, .refused, .peerAway, .timedOut, .lost, .inUse,
            .notEnabled,
        ].contains(code)
    }

    /// Whether the same request may succeed later without an intervention.
    public var retryMayHelp: Bool { [.unavailable, .diskFull, .timedOut, .changed].contains(code) }

    /// The error code of a job that has no other candidate.
    public var errorCode: ErrorCode {
        switch code {
        case .permissionDenied: .permissionDenied
        case .diskFull: .diskFull
        case .unavailable: .providerUnavailable
        case .unauthorised: .providerAuth
        case .timedOut: .timeout
        default: .noSource
        }
    }
}
