import Hummingbird
import Synchronization

/// A fake of a remote service that accepts requests and never responds.
public final class HangingService: FakeService {
    private let server = FakeServer()
    private let requests = Mutex(0)

    public init() {}

    /// The address without a path; empty before the start.
    public var baseURL: String { server.port.map { "http://127.0.0.1:\($0)" } ?? "" }

    /// How many requests wait for a response.
    public var openRequests: Int { requests.withLock { $0 } }

    public func start() async throws {
        try await server.start(Responder(service: self), host: "127.0.0.1", port: 0)
    }

    public func stop() async { await server.stop() }

    private struct Responder: HTTPResponder {
        let service: HangingService

        func respond(to request: Request, context: FakeContext) async throws -> Response {
            service.requests.withLock { $0 += 1 }
            defer { service.requests.withLock { $0 -= 1 } }
            // Ends when the client gives up or the server stops.
            try await Task.sleep(for: .seconds(3600))
            return Response(status: .serviceUnavailable)
        }
    }
}
