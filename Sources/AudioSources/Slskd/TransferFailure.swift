/// Why a transfer or a request to a peer failed, derived from slskd's texts.
///
/// The texts come from slskd and from the peers' clients and can change, so correctness must not depend on them.
public enum TransferFailure: Sendable, Hashable, CaseIterable {
    case peerOffline
    /// slskd cannot connect to the peer.
    case peerUnreachable
    /// slskd itself is not logged in.
    case notLoggedIn
    /// The peer does not share the file, or no longer.
    case notShared
    /// The peer's limit of files, bytes or failures for one user is reached.
    case quota
    /// The peer uploads nothing to this user.
    case banned
    /// The peer rejected the request for another reason.
    case refused
    /// The file does not have the requested size.
    case sizeChanged
    /// The peer did not respond.
    case noAnswer
    /// No bytes arrived for a while.
    case stalled
    /// The connection to the peer was lost, or the peer ended the transfer.
    case peerGaveUp
    /// A user or another client cancelled the transfer.
    case cancelled
    /// slskd was shut down during the transfer.
    case restarted
    /// slskd's disk is full.
    case diskFull
    /// slskd could not write, read or move the file.
    case disk
    case unknown

    /// - Parameter text: slskd's text, complete or without the part before the first colon.
    public init(_ text: String) {
        let text = text.lowercased()
        self = Self.phrases.first { $0.words.contains { text.contains($0) } }?.failure ?? .unknown
    }

    /// Uses the text of a transfer when it is conclusive, and else the state.
    public init(_ ending: SlskdTransferState.Ending, _ exception: String?) {
        let failure = Self(exception ?? "")
        self = failure == .unknown ? Self.meaning[ending] ?? .unknown : failure
    }

    private static let meaning: [SlskdTransferState.Ending: Self] = [
        .cancelled: .cancelled, .timedOut: .noAnswer, .errored: .peerGaveUp, .rejected: .refused,
        .aborted: .sizeChanged,
    ]

    /// In the order of their checks: specific phrases before general ones.
    private static let phrases: [(failure: Self, words: [String])] = [
        (.diskFull, ["no space left", "disk full", "not enough space", "quota exceeded"]),
        (.notShared, ["not shared", "file not found"]),
        (.quota, ["too many files", "too many megabytes", "too many failed", "overwhelmed"]),
        (.banned, ["banned", "blocked", "blacklisted"]),
        (.sizeChanged, ["does not match expected size", "remote size"]),
        (.peerOffline, ["appears to be offline", "user offline", "is offline"]),
        (.notLoggedIn, ["must be connected and logged in", "not logged in"]),
        (.restarted, ["application shut", "shutting down"]),
        (.stalled, ["inactivity timeout"]),
        (.noAnswer, ["wait timed out", "timed out", "timeout"]),
        (.peerUnreachable, ["failed to establish", "direct or indirect"]),
        (
            .peerGaveUp,
            ["connection closed", "connection reset", "reported as failed", "connection was", "broken pipe"]
        ),
        (.cancelled, ["operation cancelled", "operation canceled", "was canceled", "was cancelled"]),
        (
            .disk,
            [
                "failed to move", "permission denied", "access to the path", "could not find", "read-only", "i/o error",
                "input/output", "file name too long", "name is too long", "being used by another",
            ]
        ),
        (.refused, ["rejected"]),
    ]
}
