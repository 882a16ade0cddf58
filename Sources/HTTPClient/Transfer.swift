import CCurl
import Foundation

/// One request in flight: its libcurl handle and what has arrived so far. Lives on the I/O thread.
final class Transfer {
    let order: TransferOrder
    let easy: UnsafeMutableRawPointer
    private var headerList: UnsafeMutablePointer<curl_slist>?
    private var headers = HTTPHeaders()
    private var headerBytes = 0
    private var body = Data()
    private var file: PartFile?
    private var received: Int64 = 0
    private var lastProgress = ContinuousClock.now
    /// Why this side ended the transfer; libcurl only knows that it was told to stop.
    private var failure: HTTPClientError?

    private static let maxHeaderBytes = 256 << 10
    private static let progressInterval = Duration.milliseconds(200)

    init(_ order: TransferOrder, userAgent: String) throws(HTTPClientError) {
        guard let easy = curl_easy_init() else {
            throw .other(endpoint: order.endpoint.description, code: Int(CURLE_OUT_OF_MEMORY.rawValue))
        }
        self.order = order
        self.easy = easy
        try setUp(userAgent: userAgent)
    }

    deinit {
        curl_easy_cleanup(easy)
        curl_slist_free_all(headerList)
    }

    /// What libcurl made of it becomes the answer.
    func finish(_ code: CURLcode) {
        order.continuation.resume(returning: result(code))
    }

    func abandon(_ error: HTTPClientError) {
        file?.discard()
        order.continuation.resume(returning: .failure(error))
    }

    private func result(_ code: CURLcode) -> Result<HTTPResponse, HTTPClientError> {
        do throws(HTTPClientError) {
            let limit = bodyLimit
            let error = failure ?? HTTPClientError(code, endpoint: order.endpoint.description, limit: limit)
            if let error { throw error }
            let response = HTTPResponse(status: status, headers: headers, body: body)
            try completeFile()
            return .success(response)
        } catch {
            file?.discard()
            return .failure(error)
        }
    }

    private func completeFile() throws(HTTPClientError) {
        guard case .file(_, _, let progress) = order.sink, (200...299).contains(status) else { return }
        try openFile()?.publish()
        progress?(HTTPProgress(received: received, expected: received))
    }
}

// MARK: - What arrives

extension Transfer {
    /// Gives libcurl the number of bytes taken; any other number ends the transfer.
    fileprivate func takeHeader(_ line: UnsafeRawBufferPointer) -> Int {
        headerBytes += line.count
        guard headerBytes <= Self.maxHeaderBytes else {
            return stop(.tooLarge(endpoint: order.endpoint.description, limit: Int64(Self.maxHeaderBytes)))
        }
        let text = String(decoding: line, as: UTF8.self)
        if text.hasPrefix("HTTP/") {
            headers = HTTPHeaders()
        } else if let colon = text.firstIndex(of: ":") {
            headers.append(
                String(text[..<colon]),
                text[text.index(after: colon)...].trimmingCharacters(in: .whitespacesAndNewlines))
        }
        return line.count
    }

    fileprivate func takeBody(_ bytes: UnsafeRawBufferPointer) -> Int {
        do throws(HTTPClientError) {
            received += Int64(bytes.count)
            guard received <= bodyLimit else {
                throw .tooLarge(endpoint: order.endpoint.description, limit: bodyLimit)
            }
            guard let file = try openFile() else {
                body.append(contentsOf: bytes)
                return bytes.count
            }
            try file.write(bytes)
            reportProgress()
            return bytes.count
        } catch {
            return stop(error)
        }
    }

    /// The file that the answer goes to; `nil` when it is held in memory, as every refusal is.
    private func openFile() throws(HTTPClientError) -> PartFile? {
        guard case .file(let path, _, _) = order.sink, (200...299).contains(status) else { return nil }
        if let file { return file }
        let opened = try PartFile(for: path)
        file = opened
        return opened
    }

    private func stop(_ error: HTTPClientError) -> Int {
        failure = error
        return Int(CURL_WRITEFUNC_ERROR)
    }

    private func reportProgress() {
        guard case .file(_, _, let progress?) = order.sink else { return }
        let now = ContinuousClock.now
        guard now - lastProgress >= Self.progressInterval else { return }
        lastProgress = now
        var expected: curl_off_t = -1
        hdm_curl_get_size(easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &expected)
        progress(HTTPProgress(received: received, expected: expected >= 0 ? Int64(expected) : nil))
    }

    private var status: Int {
        var status = 0
        hdm_curl_get_long(easy, CURLINFO_RESPONSE_CODE, &status)
        return status
    }

    private var bodyLimit: Int64 {
        if case .file(_, let maxBytes, _) = order.sink, (200...299).contains(status) { return maxBytes }
        return Int64(order.request.maxBodyBytes)
    }
}

// MARK: - What is asked

extension Transfer {
    private func setUp(userAgent: String) throws(HTTPClientError) {
        let request = order.request
        try setText(CURLOPT_URL, request.url)
        try setText(CURLOPT_USERAGENT, userAgent)
        try setText(CURLOPT_PROTOCOLS_STR, "http,https")
        try setText(CURLOPT_REDIR_PROTOCOLS_STR, "http,https")
        try set(CURLOPT_FOLLOWLOCATION, request.maxRedirects > 0 ? 1 : 0)
        try set(CURLOPT_MAXREDIRS, max(0, request.maxRedirects))
        try set(CURLOPT_NOSIGNAL, 1)
        // Without this, ending a transfer waits for the system's resolver, and every other transfer with it.
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

    /// libcurl adds a form's content type and an `Expect` of its own unless told not to.
    private func setHeaders(_ request: HTTPRequest) throws(HTTPClientError) {
        for field in request.headers.fields {
            guard field.isWellFormed else { throw .malformedHeader(name: field.name) }
            try addHeader(field.value.isEmpty ? "\(field.name);" : "\(field.name): \(field.value)")
        }
        for name in ["Content-Type", "Expect"] where request.headers[name] == nil { try addHeader("\(name):") }
        try check(hdm_curl_set_list(easy, CURLOPT_HTTPHEADER, headerList))
        if case .memory = order.sink { try setText(CURLOPT_ACCEPT_ENCODING, "gzip, deflate") }
    }

    private func addHeader(_ line: String) throws(HTTPClientError) {
        guard let list = curl_slist_append(headerList, line) else { return try check(CURLE_OUT_OF_MEMORY) }
        headerList = list
    }

    /// libcurl holds this object unretained: the engine keeps it until the handle is out of libcurl's hands.
    private func setReceivers() throws(HTTPClientError) {
        let context = Unmanaged.passUnretained(self).toOpaque()
        try check(hdm_curl_set_context(easy, CURLOPT_HEADERDATA, context))
        try check(hdm_curl_set_context(easy, CURLOPT_WRITEDATA, context))
        try check(
            hdm_curl_set_writer(easy, CURLOPT_HEADERFUNCTION) { bytes, size, count, context in
                Transfer.with(context) { $0.takeHeader(UnsafeRawBufferPointer(start: bytes, count: size * count)) }
            })
        try check(
            hdm_curl_set_writer(easy, CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
                Transfer.with(context) { $0.takeBody(UnsafeRawBufferPointer(start: bytes, count: size * count)) }
            })
    }

    private static func with(_ context: UnsafeMutableRawPointer?, _ take: (Transfer) -> Int) -> Int {
        guard let context else { return Int(CURL_WRITEFUNC_ERROR) }
        return take(Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue())
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
    /// At least 1, because libcurl takes 0 for "none", and at most what libcurl accepts.
    fileprivate var wholeMilliseconds: Int {
        let (seconds, attoseconds) = components
        guard seconds < 1_000_000 else { return 1_000_000_000 }
        return max(1, Int(seconds) * 1000 + Int(attoseconds / 1_000_000_000_000_000))
    }
}
