import CCurl
import Foundation

/// One request in flight: its libcurl handle and the received part of the response. Only the I/O thread uses it.
final class Transfer {
    let order: TransferOrder
    let easy: UnsafeMutableRawPointer
    var headerList: UnsafeMutablePointer<curl_slist>?
    private var headers = HTTPHeaders()
    private var headerBytes = 0
    private var body = Data()
    /// The reason why this side ended the transfer. libcurl reports only a write error in this case.
    private var failure: HTTPClientError?

    private static let maxHeaderBytes = 256 << 10

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

    /// Completes the request with the result of libcurl.
    func finish(_ code: CURLcode) {
        order.continuation.resume(returning: result(code))
    }

    /// Completes the request with an error of this side.
    func fail(_ error: HTTPClientError) {
        order.continuation.resume(returning: .failure(error))
    }

    private func result(_ code: CURLcode) -> Result<HTTPResponse, HTTPClientError> {
        let error = failure ?? HTTPClientError(code, endpoint: order.endpoint.description, limit: bodyLimit)
        if let error { return .failure(error) }
        var status = 0
        hdm_curl_get_long(easy, CURLINFO_RESPONSE_CODE, &status)
        return .success(HTTPResponse(status: status, headers: headers, body: body))
    }
}

// MARK: - Receiving

extension Transfer {
    /// Stores one line of the header.
    /// - Returns: The number of accepted bytes. libcurl ends the transfer for any other number.
    func receiveHeader(_ line: UnsafeRawBufferPointer) -> Int {
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

    /// Stores a piece of the body. Returns as ``receiveHeader(_:)``.
    func receiveBody(_ bytes: UnsafeRawBufferPointer) -> Int {
        guard Int64(body.count) + Int64(bytes.count) <= bodyLimit else {
            return stop(.tooLarge(endpoint: order.endpoint.description, limit: bodyLimit))
        }
        body.append(contentsOf: bytes)
        return bytes.count
    }

    private func stop(_ error: HTTPClientError) -> Int {
        failure = error
        return Int(CURL_WRITEFUNC_ERROR)
    }

    private var bodyLimit: Int64 { Int64(order.request.maxBodyBytes) }
}
