public import Foundation

/// A request method (RFC 9110, section 9; PATCH: RFC 5789).
public enum HTTPMethod: String, Sendable, CaseIterable {
    case get = "GET"
    case head = "HEAD"
    case post = "POST"
    case put = "PUT"
    case patch = "PATCH"
    case delete = "DELETE"

    /// Whether two requests have the same effect as one, so that a retry is safe.
    public var isIdempotent: Bool { self != .post && self != .patch }
}

/// A request and the limits of its response.
public struct HTTPRequest: Sendable {
    public var method: HTTPMethod
    /// An absolute `http` or `https` URL, percent-encoded.
    public var url: String
    public var headers: HTTPHeaders
    public var body: Data?
    /// The time limit from the start of the transfer to its last byte; `nil` for none. The wait for other transfers of
    /// the client does not count.
    public var timeout: Duration?
    /// The time limit of name resolution, connection and TLS handshake together.
    public var connectTimeout: Duration
    /// The time without any transferred byte after which the transfer fails, rounded up to seconds; `nil` for none.
    public var stallTimeout: Duration?
    /// The maximum size of the decompressed body, in bytes. A larger one fails with
    /// ``HTTPClientError/tooLarge(endpoint:limit:)``.
    public var maxBodyBytes: Int
    /// The highest number of redirects to follow. Only `Authorization` and `Cookie` are not sent to other hosts: use 0
    /// for a request with a secret in any other header field.
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
