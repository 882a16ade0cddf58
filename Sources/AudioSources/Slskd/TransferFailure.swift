/// Why a transfer or a request to a peer failed, as far as slskd's loose texts tell.
///
/// The texts are of slskd and of the peers' clients and may change: nothing that must be right may hang on them.
public enum TransferFailure: Sendable, Hashable, CaseIterable {
    case peerOffline
    /// No way to connect to the peer.
    case peerUnreachable
    /// slskd itself is not logged in.
    case notLoggedIn
    /// The peer does not share the file (any more).
    case notShared
    /// The peer's limit of files, bytes or failures for one user.
    case quota
    /// The peer hands nothing to this user.
    case banned
    /// The peer said no for another reason.
    case refused
    /// The file has another size than the one it was ordered with.
    case sizeChanged
    /// The peer did not answer.
    case noAnswer
    /// No bytes came for a while.
    case stalled
    /// The connection to the peer broke, or the peer gave up.
    case peerGaveUp
    /// Somebody cancelled it.
    case cancelled
    /// slskd was shut down meanwhile.
    case restarted
    /// slskd's disk is full.
    case diskFull
    /// slskd could not write, read or move the file.
    case disk
    case unknown

    /// - Parameter text: what slskd says, in whole or without what stands before the first colon.
    public init(_ text: String) {
        let text = text.lowercased()
        self = Self.phrases.first { $0.words.contains { text.contains($0) } }?.failure ?? .unknown
    }

    /// What a transfer's end means: its text where that tells something, else its state.
    public init(_ ending: SlskdTransferState.Ending, _ exception: String?) {
        let told = Self(exception ?? "")
        self = told == .unknown ? Self.meaning[ending] ?? .unknown : told
    }

    private static let meaning: [SlskdTransferState.Ending: Self] = [
        .cancelled: .cancelled, .timedOut: .noAnswer, .errored: .peerGaveUp, .rejected: .refused,
        .aborted: .sizeChanged,
    ]

    /// In the order in which they are looked for: the narrow before the wide.
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
