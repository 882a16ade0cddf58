import Foundation

/// An asynchronous HTTP client over libcurl, with one I/O thread and a pool of connections.
///
/// It supports `http` and `https`, always verifies certificates, and follows redirects only if a request allows them.
/// Call ``close()`` at the end to wait for the thread; otherwise the client closes when it is released.
public final class HTTPClient: Sendable {
    /// The name of the request type in files that also import another `HTTPRequest`.
    public typealias Request = HTTPRequest
    public typealias Response = HTTPResponse

    private let inbox: TransferInbox

    /// - Parameters:
    ///   - userAgent: The value of `User-Agent`. Some services refuse clients without contact details in it.
    ///   - maxConcurrentTransfers: The highest number of transfers at a time, and of connections in the pool. Further
    ///     requests wait in their order.
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

    /// Sends a request. The cancellation of the task ends the transfer immediately.
    /// - Returns: The response with its body in memory, also for statuses such as 404.
    /// - Throws: ``HTTPClientError`` if there is no complete response.
    public func send(
        _ request: HTTPRequest, retry: HTTPRetryPolicy = .none
    ) async throws(HTTPClientError) -> HTTPResponse {
        try await retrying(request, by: retry) { [inbox] in
            await inbox.run(request)
        }
    }

    /// Fails all transfers with ``HTTPClientError/closed``, closes the connections and waits for the end of the thread.
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
