import Foundation
import HTTPClient
import HTTPTypes
import Hummingbird
import NIOCore

/// The header fields that a proxy passes on.
enum ProxyHeaders {
    /// Fields of requests. Keys and cookies of the client stay here.
    static let forwarded = [
        "Content-Type", "Accept", "Accept-Language", "Idempotency-Key", "If-None-Match", "traceparent",
        // The signature of requests for secrets and tokens.
        "X-HDM-Key", "X-HDM-Time", "X-HDM-Nonce", "X-HDM-Signature",
    ]

    /// Fields of responses that belong to the connection with the service (RFC 9110, section 7.6.1), or that the
    /// server of this process sets itself. The client has decompressed the body.
    private static let dropped: Set<String> = [
        "connection", "keep-alive", "proxy-authenticate", "proxy-connection", "te", "trailer", "transfer-encoding",
        "upgrade", "content-length", "content-encoding", "date", "server",
    ]

    static func passes(_ name: String) -> Bool { !dropped.contains(name.lowercased()) }
}

extension Response {
    /// Creates a copy of a service's response.
    init(forwarded response: HTTPClient.Response) {
        var fields = HTTPFields()
        for field in response.headers.fields where ProxyHeaders.passes(field.name) {
            guard let name = HTTPField.Name(field.name) else { continue }
            fields.append(HTTPField(name: name, value: field.value))
        }
        self.init(
            status: .init(code: response.status), headers: fields,
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: response.body)))
    }
}
