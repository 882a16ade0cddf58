/// Where a transfer stands.
public enum SlskdTransferState: Sendable, Hashable {
    /// Recorded; waits for a slot, for slskd's next attempt or for the connection to the peer.
    case queuedLocally
    /// The peer was asked.
    case requested
    /// In the peer's queue, for hours or for ever.
    case queuedRemotely
    /// The peer said go.
    case initializing
    case inProgress
    case completed(Ending)
    /// A state that this version does not know; the transfer has not ended.
    case unknown

    public enum Ending: String, Sendable {
        /// All bytes are there. The file may still be on its way to its place, or not have got there: see the
        /// transfer's ``SlskdTransfer/exception``.
        case succeeded
        case cancelled
        case timedOut
        case errored
        case rejected
        case aborted
        case unknown
    }

    /// Reads flags such as `Queued, Remotely`. A word that stands for a failure counts before all others.
    public init(_ text: String) {
        let flags = SlskdFlags(text)
        if let ending = Ending(flags) {
            self = .completed(ending)
        } else {
            self = Self.running.first { flags.contains($0.0) }?.1 ?? .unknown
        }
    }

    /// Nothing more will happen, unless slskd tries again by itself: a failure may go back to
    /// ``SlskdTransferState/queuedLocally`` since 0.26.
    public var isEnded: Bool {
        if case .completed = self { true } else { false }
    }

    private static let running: [(String, Self)] = [
        ("inprogress", .inProgress), ("initializing", .initializing), ("remotely", .queuedRemotely),
        ("requested", .requested), ("queued", .queuedLocally),
    ]
}

extension SlskdTransferState.Ending {
    private static let failures: [(String, Self)] = [
        ("aborted", .aborted), ("rejected", .rejected), ("errored", .errored), ("timedout", .timedOut),
        ("cancelled", .cancelled),
    ]

    init?(_ flags: SlskdFlags) {
        if let failure = Self.failures.first(where: { flags.contains($0.0) })?.1 {
            self = failure
        } else if flags.contains("completed") || flags.contains("succeeded") {
            self = flags.contains("succeeded") ? .succeeded : .unknown
        } else {
            return nil
        }
    }
}
