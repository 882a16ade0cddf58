import HTTPClient
import Synchronization

/// An HTTP client for one service with a limited number of pending requests.
///
/// A hanging service can therefore use only a limited amount of memory, and later requests fail immediately.
final class ProxyClient: Sendable {
    /// Why there is no response.
    enum Failure: Error, Sendable {
        /// Too many requests are pending.
        case busy(Int)
        case client(HTTPClientError)
    }

    /// How many requests may be pending.
    static let limit = 64

    private let client: HTTPClient
    private let pending = Mutex(0)

    init() { client = HTTPClient(userAgent: "hdm-gateway", maxConcurrentTransfers: Self.limit) }

    /// Sends a request.
    /// - Throws: ``Failure``.
    func send(_ request: HTTPClient.Request) async throws(Failure) -> HTTPClient.Response {
        let isFree = pending.withLock { count in
            guard count < Self.limit else { return false }
            count += 1
            return true
        }
        guard isFree else { throw .busy(Self.limit) }
        defer { pending.withLock { $0 -= 1 } }
        do throws(HTTPClientError) {
            return try await client.send(request)
        } catch {
            throw .client(error)
        }
    }

    /// Fails pending requests and closes the connections.
    func close() async { await client.close() }
}
