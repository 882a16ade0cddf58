extension TransferFailure {
    /// The code of the candidate's error.
    var sourceCode: SourceError.Code {
        switch self {
        case .diskFull: .diskFull
        case .sizeChanged: .changed
        case .notShared: .gone
        case .noAnswer, .stalled: .timedOut
        case .disk: .unreadable
        case .peerOffline, .peerUnreachable: .peerAway
        default: .refused
        }
    }

    /// Whether a lost network or a stop of slskd can cause the same failure.
    var mayBeSlskds: Bool {
        [
            .peerGaveUp, .noAnswer, .stalled, .restarted, .notLoggedIn, .peerUnreachable, .peerOffline, .cancelled,
            .unknown,
        ].contains(self)
    }

    /// The failure in words, for people.
    var explanation: String {
        switch self {
        case .peerOffline: "the peer is offline"
        case .peerUnreachable: "the peer cannot be reached"
        case .notLoggedIn: "slskd is not logged in"
        case .notShared: "the peer no longer shares the file"
        case .quota: "the peer's limit for one user is reached"
        case .banned: "the peer uploads nothing to this user"
        case .refused: "the peer refused the transfer"
        case .sizeChanged: "the file has another size than the offer"
        case .noAnswer: "the peer does not respond"
        case .stalled: "the transfer stalled"
        case .peerGaveUp: "the connection to the peer was lost, or the peer ended the transfer"
        case .cancelled: "another client cancelled the transfer"
        case .restarted: "slskd was shut down"
        case .diskFull: "slskd's disk is full; free some space"
        case .disk: "slskd could not move the file, or it is not in SLSKD_DOWNLOADS_DIR; check both folders"
        case .unknown: "the transfer failed"
        }
    }
}
