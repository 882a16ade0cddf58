import Foundation
import HTTPClient
import Synchronization

/// A client of slskd's HTTP API, versions 0.22 to 0.26.
///
/// Every function throws ``SlskdError`` when the request fails, and `CancellationError` when the task is cancelled. The
/// client repeats failed requests, except those that start searches and orders. Close it after use.
public final class SlskdClient: Sendable {
    private let base: String
    private let key: @Sendable () -> String?
    let limits: SlskdLimits
    private let http: HTTPClient
    private let circuit: HTTPCircuit
    /// slskd accepts one new search at a time.
    let searching: SlskdGate
    /// slskd accepts two orders at a time.
    let ordering: SlskdGate
    /// Whether slskd supports batches; `nil` before that is known.
    let hasBatches = Mutex<Bool?>(nil)

    /// - Parameters:
    ///   - base: An `http` or `https` address, including slskd's `url_base` when it has one.
    ///   - key: Never appears in errors or logs.
    public convenience init(base: String, key: String, limits: SlskdLimits = SlskdLimits()) {
        self.init(base: base, limits: limits) { key }
    }

    /// - Parameter key: Returns the present key; `nil` while there is none. Called for each request.
    public init(base: String, limits: SlskdLimits, key: @escaping @Sendable () -> String?) {
        var base = base
        while base.hasSuffix("/") { base.removeLast() }
        self.base = base + "/api/v0/"
        self.key = key
        self.limits = limits
        http = HTTPClient(userAgent: "harmony-download-manager", maxConcurrentTransfers: limits.concurrency)
        circuit = HTTPCircuit(failures: limits.circuitFailures, pause: limits.circuitPause)
        searching = SlskdGate(width: 1, pause: limits.retryBase, jitter: limits.jitter)
        ordering = SlskdGate(width: 2, pause: limits.retryBase, jitter: limits.jitter)
    }

    /// Cancels all requests and closes the connections.
    public func close() async { await http.close() }

    /// Sends a request. Statuses other than 2xx and the expected ones are errors.
    func send(_ call: SlskdCall, expecting expected: Set<Int> = []) async throws -> HTTPResponse {
        let response = try await response(to: call)
        guard response.isSuccess || expected.contains(response.status) else {
            throw SlskdError(status: response.status, about: call.subject, text: Self.text(of: response))
        }
        return response
    }

    func decode<Value: Decodable>(
        _ response: HTTPResponse, as type: Value.Type = Value.self
    ) throws -> Value {
        do {
            return try SlskdJSON.decoder.decode(type, from: response.body)
        } catch {
            throw SlskdError(
                .unexpected(response.status), "the response is not from slskd's API; check SLSKD_BASE_URL"
            )
        }
    }

    /// Returns slskd's text for the reason of a failure.
    static func text(of response: HTTPResponse) -> String {
        (try? JSONDecoder().decode(String.self, from: response.body)) ?? ""
    }

    private func response(to call: SlskdCall) async throws -> HTTPResponse {
        guard let key = key() else { throw SlskdError.noKey }
        try enterCircuit()
        do throws(HTTPClientError) {
            let response = try await http.send(request(call, key), retry: policy(call))
            let hasFailed = response.status > 500 || call.subject == .slskd && response.status == 500
            circuit.end(hasFailed ? .failed("status \(response.status)") : .responded)
            return response
        } catch {
            circuit.end(outcome(of: error, call))
            if error == .cancelled { throw CancellationError() }
            throw SlskdError(error)
        }
    }

    private func enterCircuit() throws(SlskdError) {
        do throws(HTTPCircuit.Open) {
            try circuit.begin()
        } catch {
            throw SlskdError(
                .unavailable,
                "requests to slskd are paused after \(error.failures) consecutive failures: \(error.reason)")
        }
    }

    private func outcome(of error: HTTPClientError, _ call: SlskdCall) -> HTTPCircuit.Outcome {
        switch error {
        case .couldNotConnect, .connectionLost, .tls: .failed("\(error)")
        case .timedOut where call.subject == .slskd: .failed("\(error)")
        default: .unknown
        }
    }

    private func request(_ call: SlskdCall, _ key: String) -> HTTPRequest {
        var headers: HTTPHeaders = ["X-API-Key": key, "Accept": "application/json"]
        if call.body != nil { headers["Content-Type"] = "application/json" }
        return HTTPRequest(
            call.method, base + call.path, headers: headers, body: call.body,
            timeout: call.subject == .peer ? max(limits.peerTimeout, limits.timeout) : limits.timeout,
            connectTimeout: min(limits.timeout, .seconds(5)), maxBodyBytes: Self.maximumBodyBytes)
    }

    private func policy(_ call: SlskdCall) -> HTTPRetryPolicy {
        // A request that failed at a peer also fails a second later.
        let statuses: Set<Int> = call.subject == .peer ? [429] : [408, 429, 500, 502, 503, 504]
        return HTTPRetryPolicy(
            maxAttempts: call.subject == .peer ? 1 : limits.retries + 1, baseDelay: limits.retryBase,
            jitter: limits.jitter, statuses: statuses, maxRetryAfter: .seconds(5))
    }

    /// Sufficient for 100 000 files or transfers.
    private static let maximumBodyBytes = 64 << 20
}
