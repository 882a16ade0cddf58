import CCurl
import Foundation

/// The reason why a request has no complete response.
///
/// Descriptions contain the server as `host:port`, but never paths, queries and credentials.
public enum HTTPClientError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The name is unknown, or no server listens at the address. No part of the request was sent.
    case couldNotConnect(endpoint: String, reason: String)
    /// The connection was lost before the response was complete. The server may have processed the request.
    case connectionLost(endpoint: String)
    case timedOut(endpoint: String)
    case tooLarge(endpoint: String, limit: Int64)
    case tls(endpoint: String, reason: String)
    case cancelled
    case malformedURL(reason: String)
    /// The header field with this name has characters that HTTP does not allow.
    case malformedHeader(name: String)
    /// The client is closed.
    case closed
    /// Any other failure, with the error code of libcurl.
    case other(endpoint: String, code: Int)

    public var description: String {
        switch self {
        case .couldNotConnect(let endpoint, let reason): "cannot connect to \(endpoint): \(reason)"
        case .connectionLost(let endpoint): "\(endpoint) closed the connection before its response was complete"
        case .timedOut(let endpoint): "\(endpoint) did not respond in time"
        case .tooLarge(let endpoint, let limit): "the response of \(endpoint) is larger than \(limit) bytes"
        case .tls(let endpoint, let reason): "cannot establish a trusted connection to \(endpoint): \(reason)"
        case .cancelled: "the request was cancelled"
        case .malformedURL(let reason): "not an absolute http or https URL: \(reason)"
        case .malformedHeader(let name):
            "the header field \(name.debugDescription) has characters that HTTP does not allow"
        case .closed: "the HTTP client is closed"
        case .other(let endpoint, let code): "the request to \(endpoint) failed: \(Self.curlText(code))"
        }
    }

    /// Whether the same request can succeed a moment later.
    public var isRetriable: Bool {
        switch self {
        case .couldNotConnect, .connectionLost, .timedOut: true
        default: false
        }
    }
}

extension HTTPClientError {
    /// Converts the result code of a transfer; `nil` for success.
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
}
