import CCurl
import Foundation

/// Why a request got no answer. Texts name the server as `host:port`; paths, queries and credentials never appear.
public enum HTTPClientError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Nothing was sent: the name is unknown, or nobody listens there.
    case couldNotConnect(endpoint: String, reason: String)
    /// The connection broke before the answer was complete; the server may have acted on the request.
    case connectionLost(endpoint: String)
    case timedOut(endpoint: String)
    case tooLarge(endpoint: String, limit: Int64)
    case tls(endpoint: String, reason: String)
    case cancelled
    case malformedURL(reason: String)
    /// A header of this name cannot be sent.
    case malformedHeader(name: String)
    /// The client has been closed.
    case closed
    /// The downloaded file could not be written: the step that failed, and its `errno`.
    case file(step: String, code: Int32)
    /// Any other failure, by libcurl's number.
    case other(endpoint: String, code: Int)

    public var description: String {
        switch self {
        case .couldNotConnect(let endpoint, let reason): "could not connect to \(endpoint): \(reason)"
        case .connectionLost(let endpoint): "\(endpoint) broke the connection before its answer was complete"
        case .timedOut(let endpoint): "\(endpoint) did not answer in time"
        case .tooLarge(let endpoint, let limit): "the answer of \(endpoint) is larger than \(limit) bytes"
        case .tls(let endpoint, let reason): "no trusted connection to \(endpoint): \(reason)"
        case .cancelled: "the request was cancelled"
        case .malformedURL(let reason): "not an absolute http or https URL: \(reason)"
        case .malformedHeader(let name): "the header \(name.debugDescription) cannot be sent"
        case .closed: "the HTTP client is closed"
        case .file(let step, let code): "the download could not be \(step): \(Self.systemText(code))"
        case .other(let endpoint, let code): "the request to \(endpoint) failed: \(Self.curlText(code))"
        }
    }

    /// Whether the same request may succeed a moment later.
    public var isRetriable: Bool {
        switch self {
        case .couldNotConnect, .connectionLost, .timedOut: true
        default: false
        }
    }
}

extension HTTPClientError {
    /// What libcurl's verdict on a transfer means; `nil` when it went well.
    init?(_ code: CURLcode, endpoint: String, limit: Int64) {
        switch code {
        case CURLE_OK: return nil
        case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY, CURLE_COULDNT_CONNECT:
            self = .couldNotConnect(endpoint: endpoint, reason: Self.curlText(Int(code.rawValue)))
        case CURLE_GOT_NOTHING, CURLE_SEND_ERROR, CURLE_RECV_ERROR, CURLE_PARTIAL_FILE, CURLE_HTTP2,
            CURLE_HTTP2_STREAM:
            self = .connectionLost(endpoint: endpoint)
        case CURLE_OPERATION_TIMEDOUT: self = .timedOut(endpoint: endpoint)
        case CURLE_FILESIZE_EXCEEDED: self = .tooLarge(endpoint: endpoint, limit: limit)
        case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER,
            CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_INVALIDCERTSTATUS:
            self = .tls(endpoint: endpoint, reason: Self.curlText(Int(code.rawValue)))
        case CURLE_URL_MALFORMAT: self = .malformedURL(reason: Self.curlText(Int(code.rawValue)))
        default: self = .other(endpoint: endpoint, code: Int(code.rawValue))
        }
    }

    private static func curlText(_ code: Int) -> String {
        String(cString: curl_easy_strerror(CURLcode(rawValue: UInt32(clamping: code))))
    }

    private static func systemText(_ code: Int32) -> String {
        String(cString: strerror(code))
    }
}
