public import Contracts

/// Why a source could not do what it was asked, and what helps.
public struct SourceError: Error, Sendable, Equatable, CustomStringConvertible {
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        public let description: String

        /// The file is no longer where the source offered it.
        public static let gone = Code(description: "gone")
        /// The file is not the one that was offered any more, or it changed during the transfer.
        public static let changed = Code(description: "changed")
        /// The file is there and its bytes cannot be read.
        public static let unreadable = Code(description: "unreadable")
        public static let permissionDenied = Code(description: "permission_denied")
        /// There is no room where the file is to go.
        public static let diskFull = Code(description: "disk_full")
        /// The source as a whole cannot be reached or is not ready.
        public static let unavailable = Code(description: "unavailable")
        /// The source, or its owner, will not hand over this file.
        public static let refused = Code(description: "refused")
        /// The transfer took too long, or made no progress.
        public static let timedOut = Code(description: "timed_out")
        /// The source does not accept the credentials.
        public static let unauthorised = Code(description: "unauthorised")
    }

    public let code: Code
    /// What happened and what to do about it.
    public let message: String

    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    public var description: String { message }

    /// Another candidate may succeed where this one did not.
    public var anotherCandidateMayHelp: Bool {
        [.gone, .changed, .unreadable, .permissionDenied, .refused, .timedOut].contains(code)
    }

    /// The same request may succeed later without anybody doing something about it.
    public var retryMayHelp: Bool { [.unavailable, .diskFull, .timedOut, .changed].contains(code) }

    /// The code under which a job ends when nothing else is left to try.
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
