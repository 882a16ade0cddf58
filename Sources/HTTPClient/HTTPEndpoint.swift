import CCurl

/// The host and port of a URL: the part of a request that errors and logs may contain.
struct HTTPEndpoint: Sendable, Equatable, CustomStringConvertible {
    let host: String
    let port: String

    var description: String { "\(host):\(port)" }

    /// - Throws: ``HTTPClientError/malformedURL(reason:)`` unless the URL is absolute with the scheme http or https.
    ///   The error does not contain the URL.
    init(url: String) throws(HTTPClientError) {
        guard !url.utf8.contains(0) else { throw .malformedURL(reason: "it contains a zero byte") }
        guard let parts = curl_url() else { throw .other(endpoint: "-", code: Int(CURLE_OUT_OF_MEMORY.rawValue)) }
        defer { curl_url_cleanup(parts) }
        let code = curl_url_set(parts, CURLUPART_URL, url, 0)
        guard code == CURLUE_OK else { throw .malformedURL(reason: String(cString: curl_url_strerror(code))) }
        let scheme = Self.part(CURLUPART_SCHEME, of: parts)
        guard scheme == "http" || scheme == "https" else {
            throw .malformedURL(reason: "the scheme is neither http nor https")
        }
        guard let host = Self.part(CURLUPART_HOST, of: parts), let port = Self.part(CURLUPART_PORT, of: parts) else {
            throw .malformedURL(reason: "the host is missing")
        }
        self.host = host
        self.port = port
    }

    private static func part(_ part: CURLUPart, of url: OpaquePointer) -> String? {
        var text: UnsafeMutablePointer<CChar>?
        guard curl_url_get(url, part, &text, UInt32(CURLU_DEFAULT_PORT)) == CURLUE_OK, let text else { return nil }
        defer { curl_free(text) }
        return String(cString: text)
    }
}
