import HTTPClient

/// Why slskd did not do what it was asked.
public struct SlskdError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What it means for the caller.
    public enum Meaning: Sendable, Hashable {
        /// The API key is wrong, or not good for this address.
        case unauthorised
        /// It has enough to do with other requests of this kind. The client lets none through for a while.
        case busy
        /// It is not connected to the Soulseek network, or not logged in.
        case notLoggedIn
        case peerOffline
        case peerUnreachable
        /// slskd could not do it with this peer, for another reason.
        case peerFailed
        /// slskd does not understand the request: the same one will never do.
        case invalid
        /// There is no such thing at slskd, or what answers is not slskd.
        case notFound
        /// slskd does not allow it.
        case forbidden
        /// slskd itself cannot be reached or is out of order. Nothing is known of what it did when the request was not
        /// one that may be repeated.
        case unavailable
        /// slskd or, for requests about a peer, the peer took too long. It may still have done what was asked.
        case timedOut
        /// A status that has no meaning here.
        case unexpected(Int)
    }

    public let meaning: Meaning
    /// What happened and what to do about it.
    public let message: String

    public init(_ meaning: Meaning, _ message: String) {
        self.meaning = meaning
        self.message = message
    }

    public var description: String { message }
}

extension SlskdError {
    /// Neither the settings nor the gateway have a key.
    static let noKey = SlskdError(
        .unauthorised,
        "SLSKD_API_KEY is not set, and not known from the gateway: make a key in slskd's settings (web, authentication, "
            + "api_keys), and set it with `hdm secrets set SLSKD_API_KEY`; `hdm secrets list` shows what the gateway has"
    )

    /// What the lack of an answer means.
    init(_ error: HTTPClientError) {
        switch error {
        case .timedOut: self.init(.timedOut, "slskd: \(error)")
        case .malformedHeader: self.init(.unauthorised, "SLSKD_API_KEY cannot be sent: it has characters of no key")
        case .malformedURL: self.init(.invalid, "SLSKD_BASE_URL is \(error)")
        case .tooLarge: self.init(.invalid, "slskd: \(error)")
        default: self.init(.unavailable, "slskd cannot be reached: \(error)")
        }
    }

    /// What a status other than the expected ones means.
    /// - Parameter text: what slskd wrote; only looked at for what keeps a peer from answering.
    init(status: Int, about subject: SlskdCall.Subject, text: String) {
        switch status {
        case 400, 413, 415: self.init(.invalid, "slskd does not take this request (\(status))")
        case 401: self.init(.unauthorised, "slskd does not accept SLSKD_API_KEY, or not from this address")
        case 403: self.init(.forbidden, "slskd does not allow this (403)")
        case 404, 405: self.init(.notFound, "slskd does not know this (\(status)); is SLSKD_BASE_URL right?")
        case 408: self.init(.timedOut, "slskd took too long (408)")
        case 409: self.init(.notLoggedIn, "slskd is not logged in to the Soulseek network")
        case 429: self.init(.busy, "slskd is busy with other requests of this kind")
        case 500 where subject == .peer: self.init(peerFailure: TransferFailure(text), status: status)
        case 500...599: self.init(.unavailable, "slskd is out of order (\(status))")
        default: self.init(.unexpected(status), "slskd answered in a way that is not its own (\(status))")
        }
    }

    private init(peerFailure: TransferFailure, status: Int) {
        switch peerFailure {
        case .peerOffline: self.init(.peerOffline, "the peer is offline")
        case .peerUnreachable: self.init(.peerUnreachable, "the peer cannot be connected to")
        case .notLoggedIn: self.init(.notLoggedIn, "slskd is not logged in to the Soulseek network")
        default: self.init(.peerFailed, "slskd could not do this with the peer (\(status))")
        }
    }
}
