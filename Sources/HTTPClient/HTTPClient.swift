public import Foundation

/// Asynchronous HTTP requests over libcurl: one I/O thread, a pool of kept connections, a bounded number of
/// transfers at a time; further ones wait in order.
///
/// Only `http` and `https`, certificates always verified, redirects only where a request allows them. Close it
/// when done: a client that is let go closes by itself, but nobody then waits for its thread.
public final class HTTPClient: Sendable {
    /// The name to use beside a module that has an `HTTPRequest` of its own, as server libraries do.
    public typealias Request = HTTPRequest
    public typealias Response = HTTPResponse

    private let inbox: TransferInbox

    /// - Parameters:
    ///   - userAgent: how the program names itself; some services answer nobody without a contact in it.
    ///   - maxConcurrentTransfers: as many connections are kept open for the next request.
    public init(userAgent: String, maxConcurrentTransfers: Int = 64) {
        let multi = MultiHandle(maxConnections: max(1, maxConcurrentTransfers))
        inbox = TransferInbox(multi: multi)
        guard let multi else { return }
        let engine = TransferEngine.Settings(
            multi: multi, inbox: inbox, userAgent: userAgent, maxTransfers: max(1, maxConcurrentTransfers))
        let thread = Thread { TransferEngine(engine).run() }
        thread.name = "http-client"
        thread.start()
    }

    deinit { inbox.close() }

    /// Sends a request and holds its answer in memory; cancelling the task ends the transfer at once.
    ///
    /// - Throws: when there is no complete answer. Statuses such as 404 are answers.
    public func send(
        _ request: HTTPRequest, retry: HTTPRetryPolicy = .none
    ) async throws(HTTPClientError) -> HTTPResponse {
        try await retrying(request, by: retry) { [inbox] in
            await inbox.run(request, into: .memory)
        }
    }

    /// Sends a request and writes its answer to a new file, which appears complete or not at all.
    ///
    /// Bytes arrive in a hidden file `.<name>.<random>.part` beside it; one may be left behind when the process is
    /// killed. An existing file is never replaced. A status other than 2xx makes no file and comes back with its
    /// body.
    /// - Parameters:
    ///   - maxBytes: a larger answer is refused.
    ///   - progress: called on the I/O thread a few times a second; must not block.
    /// - Throws: when there is no complete answer or no file could be made of it.
    public func download(
        _ request: HTTPRequest, to file: URL, maxBytes: Int64, retry: HTTPRetryPolicy = .none,
        progress: (@Sendable (HTTPProgress) -> Void)? = nil
    ) async throws(HTTPClientError) -> HTTPResponse {
        try await retrying(request, by: retry) { [inbox] in
            await inbox.run(request, into: .file(file.path, maxBytes: maxBytes, progress: progress))
        }
    }

    /// Ends every transfer with `HTTPClientError.closed`, closes the connections and waits for the thread's end.
    public func close() async {
        await inbox.closeAndWait()
    }

    private func retrying(
        _ request: HTTPRequest, by policy: HTTPRetryPolicy,
        _ attempt: @Sendable () async -> Result<HTTPResponse, HTTPClientError>
    ) async throws(HTTPClientError) -> HTTPResponse {
        var count = 1
        while true {
            let result = await attempt()
            let delay = policy.delay(
                after: result, method: request.method, attempt: count, chance: Double.random(in: 0...1))
            guard let delay else { return try result.get() }
            do { try await Task.sleep(for: delay) } catch { throw .cancelled }
            count += 1
        }
    }
}
