/// The state of a transfer.
public enum SlskdTransferState: Sendable, Hashable {
    /// The transfer waits for a slot, for slskd's next attempt or for the connection to the peer.
    case queuedLocally
    /// The request was sent to the peer.
    case requested
    /// The transfer is in the peer's queue. It can stay there without a limit.
    case queuedRemotely
    /// The peer has accepted the transfer.
    case initializing
    case inProgress
    case completed(Ending)
    /// A state that this version does not know. The transfer has not ended.
    case unknown

    public enum Ending: String, Sendable {
        /// All bytes are received. slskd may still move the file, or have failed to move it: see
        /// ``SlskdTransfer/exception``.
        case succeeded
        case cancelled
        case timedOut
        case errored
        case rejected
        case aborted
        case unknown
    }

    /// Reads flags such as `Queued, Remotely`. A word for a failure has precedence over all others.
    public init(_ text: String) {
        let flags = SlskdFlags(text)
        if let ending = Ending(flags) {
            self = .completed(ending)
        } else {
            self = Self.running.first { flags.contains($0.0) }?.1 ?? .unknown
        }
    }

    /// Whether the transfer has ended. Since 0.26 slskd can repeat a failed transfer, which is then
    /// ``SlskdTransferState/queuedLocally`` again.
    public var isEnded: Bool {
        if case .completed = self { true } else { false }
    }

    /// Whether the transfer waits in slskd's or the peer's queue.
    public var isQueued: Bool { self == .queuedLocally || self == .queuedRemotely }

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
