import CCurl
import Foundation

// Translates a request into options of libcurl.
extension Transfer {
    func setUp(userAgent: String) throws(HTTPClientError) {
        let request = order.request
        try setText(CURLOPT_URL, request.url)
        try setText(CURLOPT_USERAGENT, userAgent)
        try setText(CURLOPT_PROTOCOLS_STR, "http,https")
        try setText(CURLOPT_REDIR_PROTOCOLS_STR, "http,https")
        try set(CURLOPT_FOLLOWLOCATION, request.maxRedirects > 0 ? 1 : 0)
        try set(CURLOPT_MAXREDIRS, max(0, request.maxRedirects))
        try set(CURLOPT_NOSIGNAL, 1)
        // Without this option, the end of a transfer waits for the system's resolver and delays all other transfers.
        try set(CURLOPT_QUICK_EXIT, 1)
        try setTimes(request)
        try setMethod(request)
        try setHeaders(request)
        try setReceivers()
    }

    private func setTimes(_ request: HTTPRequest) throws(HTTPClientError) {
        try set(CURLOPT_TIMEOUT_MS, request.timeout.map(\.wholeMilliseconds) ?? 0)
        try set(CURLOPT_CONNECTTIMEOUT_MS, request.connectTimeout.wholeMilliseconds)
        guard let stall = request.stallTimeout else { return }
        try set(CURLOPT_LOW_SPEED_LIMIT, 1)
        try set(CURLOPT_LOW_SPEED_TIME, (stall.wholeMilliseconds + 999) / 1000)
    }

    private func setMethod(_ request: HTTPRequest) throws(HTTPClientError) {
        switch (request.method, request.body) {
        case (.get, nil): try set(CURLOPT_HTTPGET, 1)
        case (.head, _): try set(CURLOPT_NOBODY, 1)
        case (.post, let body):
            try set(CURLOPT_POST, 1)
            try setBody(body ?? Data())
        case (.get, let body?), (.delete, let body?): try setCustom(request.method, body)
        case (.put, let body), (.patch, let body): try setCustom(request.method, body ?? Data())
        case (.delete, nil): try setText(CURLOPT_CUSTOMREQUEST, request.method.rawValue)
        }
    }

    private func setCustom(_ method: HTTPMethod, _ body: Data) throws(HTTPClientError) {
        try setBody(body)
        try setText(CURLOPT_CUSTOMREQUEST, method.rawValue)
    }

    private func setBody(_ body: Data) throws(HTTPClientError) {
        try check(hdm_curl_set_size(easy, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(body.count)))
        let code = body.withUnsafeBytes { bytes in
            withUnsafePointer(to: UInt8(0)) { none in
                hdm_curl_set_bytes(easy, CURLOPT_COPYPOSTFIELDS, bytes.baseAddress ?? UnsafeRawPointer(none))
            }
        }
        try check(code)
    }

    /// Sets the header fields. Without an empty field, libcurl adds a form's content type and `Expect`.
    private func setHeaders(_ request: HTTPRequest) throws(HTTPClientError) {
        for field in request.headers.fields {
            guard field.isWellFormed else { throw .malformedHeader(name: field.name) }
            try addHeader(field.value.isEmpty ? "\(field.name);" : "\(field.name): \(field.value)")
        }
        for name in ["Content-Type", "Expect"] where request.headers[name] == nil { try addHeader("\(name):") }
        try check(hdm_curl_set_list(easy, CURLOPT_HTTPHEADER, headerList))
        try setText(CURLOPT_ACCEPT_ENCODING, "gzip, deflate")
    }

    private func addHeader(_ line: String) throws(HTTPClientError) {
        guard let list = curl_slist_append(headerList, line) else { return try check(CURLE_OUT_OF_MEMORY) }
        headerList = list
    }

    /// Sets the callbacks. libcurl does not retain this object: the engine retains it until the handle is removed.
    private func setReceivers() throws(HTTPClientError) {
        let context = Unmanaged.passUnretained(self).toOpaque()
        try check(hdm_curl_set_context(easy, CURLOPT_HEADERDATA, context))
        try check(hdm_curl_set_context(easy, CURLOPT_WRITEDATA, context))
        try check(
            hdm_curl_set_writer(easy, CURLOPT_HEADERFUNCTION) { bytes, size, count, context in
                Transfer.with(context) { $0.receiveHeader(UnsafeRawBufferPointer(start: bytes, count: size * count)) }
            })
        try check(
            hdm_curl_set_writer(easy, CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
                Transfer.with(context) { $0.receiveBody(UnsafeRawBufferPointer(start: bytes, count: size * count)) }
            })
    }

    private static func with(_ context: UnsafeMutableRawPointer?, _ receive: (Transfer) -> Int) -> Int {
        guard let context else { return Int(CURL_WRITEFUNC_ERROR) }
        return receive(Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue())
    }

    private func set(_ option: CURLoption, _ value: Int) throws(HTTPClientError) {
        try check(hdm_curl_set_long(easy, option, value))
    }

    private func setText(_ option: CURLoption, _ value: String) throws(HTTPClientError) {
        try check(hdm_curl_set_string(easy, option, value))
    }

    private func check(_ code: CURLcode) throws(HTTPClientError) {
        guard code == CURLE_OK else { throw .other(endpoint: order.endpoint.description, code: Int(code.rawValue)) }
    }
}

extension Duration {
    /// The duration in milliseconds: at least 1, because 0 means no limit in libcurl, and at most the highest value
    /// that libcurl accepts.
    fileprivate var wholeMilliseconds: Int {
        let (seconds, attoseconds) = components
        guard seconds < 1_000_000 else { return 1_000_000_000 }
        return max(1, Int(seconds) * 1000 + Int(attoseconds / 1_000_000_000_000_000))
    }
}
