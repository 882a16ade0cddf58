import CCurl

/// The server a URL names: what may be said about a request in errors and logs.
struct HTTPEndpoint: Sendable, Equatable, CustomStringConvertible {
    let host: String
    let port: String

    var description: String { "\(host):\(port)" }

    /// - Throws: `HTTPClientError.malformedURL`, without the URL, for anything but an absolute http or https one.
    init(url: String) throws(HTTPClientError) {
        guard !url.utf8.contains(0) else { throw .malformedURL(reason: "it contains a zero byte") }
        guard let parts = curl_url() else { throw .other(endpoint: "-", code: Int(CURLE_OUT_OF_MEMORY.rawValue)) }
        defer { curl_url_cleanup(parts) }
        let code = curl_url_set(parts, CURLUPART_URL, url, 0)
        guard code == CURLUE_OK else { throw .malformedURL(reason: String(cString: curl_url_strerror(code))) }
        let scheme = Self.part(CURLUPART_SCHEME, of: parts)
        guard scheme == "http" || scheme == "https" else { throw .malformedURL(reason: "the scheme is another one") }
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
