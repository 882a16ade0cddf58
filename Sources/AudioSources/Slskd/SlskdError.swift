import HTTPClient

/// A request to slskd that failed.
public struct SlskdError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The kind of failure.
    public enum Meaning: Sendable, Hashable {
        /// The API key is wrong, or not valid for this address.
        case unauthorised
        /// slskd has too many requests of this kind. The client pauses such requests for a while.
        case busy
        /// slskd is not connected or not logged in to the Soulseek network.
        case notLoggedIn
        case peerOffline
        case peerUnreachable
        /// The request failed at this peer, for another reason.
        case peerFailed
        /// slskd rejects the request. A repetition fails in the same way.
        case invalid
        /// slskd does not have the object, or the server is not slskd.
        case notFound
        case forbidden
        /// slskd cannot be reached or failed. A request that must not be repeated may have had its effect.
        case unavailable
        /// slskd, or the peer in requests about one, took too long. The request may still have its effect.
        case timedOut
        /// An HTTP status without a defined meaning.
        case unexpected(Int)
    }

    public let meaning: Meaning
    /// What failed and what to do about it.
    public let message: String

    public init(_ meaning: Meaning, _ message: String) {
        self.meaning = meaning
        self.message = message
    }

    public var description: String { message }
}

extension SlskdError {
    /// There is no API key in the settings and none among the stored secrets.
    static let noKey = SlskdError(
        .unauthorised,
        "SLSKD_API_KEY is not set and not stored: create a key in slskd's settings (web, authentication, api_keys) and "
            + "store it with `hdm secrets set SLSKD_API_KEY`; `hdm secrets list` shows the stored secrets")

    /// Creates the error of a request without a response.
    init(_ error: HTTPClientError) {
        switch error {
        case .timedOut: self.init(.timedOut, "slskd: \(error)")
        case .malformedHeader:
            self.init(.unauthorised, "SLSKD_API_KEY contains characters that cannot be sent; set it again")
        case .malformedURL: self.init(.invalid, "SLSKD_BASE_URL is \(error)")
        case .tooLarge: self.init(.invalid, "slskd: \(error)")
        default: self.init(.unavailable, "slskd cannot be reached: \(error)")
        }
    }

    /// Creates the error of an unexpected status.
    /// - Parameter text: The text of the response. It is used only to find out why a peer failed.
    init(status: Int, about subject: SlskdCall.Subject, text: String) {
        switch status {
        case 400, 413, 415: self.init(.invalid, "slskd rejects the request (\(status))")
        case 401:
            self.init(
                .unauthorised, "slskd does not accept SLSKD_API_KEY, or not from this address; check its api_keys")
        case 403: self.init(.forbidden, "slskd does not allow the request (403); check the role of SLSKD_API_KEY")
        case 404, 405: self.init(.notFound, "slskd has no such resource (\(status)); check SLSKD_BASE_URL")
        case 408: self.init(.timedOut, "slskd took too long (408)")
        case 409: self.init(.notLoggedIn, "slskd is not logged in to the Soulseek network; see its log")
        case 429: self.init(.busy, "slskd is busy with other requests of this kind")
        case 500 where subject == .peer: self.init(peerFailure: TransferFailure(text), status: status)
        case 500...599: self.init(.unavailable, "slskd failed (\(status)); see its log")
        default:
            self.init(.unexpected(status), "slskd does not respond with status \(status); check SLSKD_BASE_URL")
        }
    }

    private init(peerFailure: TransferFailure, status: Int) {
        switch peerFailure {
        case .peerOffline: self.init(.peerOffline, "the peer is offline")
        case .peerUnreachable: self.init(.peerUnreachable, "slskd cannot connect to the peer")
        case .notLoggedIn: self.init(.notLoggedIn, "slskd is not logged in to the Soulseek network; see its log")
        default: self.init(.peerFailed, "the request failed at the peer (\(status))")
        }
    }
}
