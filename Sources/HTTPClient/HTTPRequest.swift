public import Foundation

/// A request method (RFC 9110, section 9; PATCH: RFC 5789).
public enum HTTPMethod: String, Sendable, CaseIterable {
    case get = "GET"
    case head = "HEAD"
    case post = "POST"
    case put = "PUT"
    case patch = "PATCH"
    case delete = "DELETE"

    /// Whether doing it twice leaves the same world as doing it once, so that it may be tried again unasked.
    public var isIdempotent: Bool { self != .post && self != .patch }
}

/// What to ask a server, and how long and how much of an answer to accept.
public struct HTTPRequest: Sendable {
    public var method: HTTPMethod
    /// Absolute, `http` or `https`, already percent-encoded.
    public var url: String
    public var headers: HTTPHeaders
    public var body: Data?
    /// From the start of the transfer to its last byte; `nil` is for ever. Waiting for a free place in the
    /// client does not count.
    public var timeout: Duration?
    /// For the name, the connection and TLS together.
    public var connectTimeout: Duration
    /// Ends a transfer in which not one byte moves for this long, rounded up to seconds; `nil` is never.
    public var stallTimeout: Duration?
    /// Bytes, decompressed; a larger answer is refused with `HTTPClientError.tooLarge`.
    public var maxBodyBytes: Int
    /// How many redirects to follow. Only `Authorization` and `Cookie` are kept from other hosts: do not follow
    /// redirects of a request with a secret in any other header.
    public var maxRedirects: Int

    public init(
        _ method: HTTPMethod = .get, _ url: String, headers: HTTPHeaders = [:], body: Data? = nil,
        timeout: Duration? = .seconds(30), connectTimeout: Duration = .seconds(10), stallTimeout: Duration? = nil,
        maxBodyBytes: Int = 8 << 20, maxRedirects: Int = 0
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.timeout = timeout
        self.connectTimeout = connectTimeout
        self.stallTimeout = stallTimeout
        self.maxBodyBytes = maxBodyBytes
        self.maxRedirects = maxRedirects
    }
}
