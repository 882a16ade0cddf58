import Contracts
import HTTPTypes
public import Hummingbird

/// Refuses writes that a web page of another origin sends.
///
/// A browser adds `Origin` to every request that can change something. A page of another site must not be able to use a
/// visitor's access to the service. Programs send no `Origin` and are not affected.
public struct OriginMiddleware<Context: RequestContext>: RouterMiddleware {
    public init() {}

    /// - Throws: `APIError` `.forbidden` for a write whose `Origin` is not the request's `Host`.
    public func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        if let origin = request.headers[.origin], Self.isWrite(request.method), !Self.isSame(origin, request) {
            throw APIError(
                .forbidden, "a page of another origin cannot change anything here; use the address of this service",
                meta: ["origin": .string(String(origin.prefix(200)))])
        }
        return try await next(request, context)
    }

    private static func isWrite(_ method: HTTPRequest.Method) -> Bool {
        ![.get, .head, .options, .trace].contains(method)
    }

    private static func isSame(_ origin: String, _ request: Request) -> Bool {
        guard let origin = Authority(origin: origin), let host = request.head.authority else { return false }
        return origin == Authority(host, defaultPort: origin.port)
    }
}

/// The host and the port that a request is for or comes from.
private struct Authority: Equatable {
    let host: String
    let port: Int

    /// Reads an `Origin` header: scheme, host and, unless it is the scheme's default, port.
    init?(origin: String) {
        let origin = origin.lowercased()
        for (scheme, port) in [("http://", 80), ("https://", 443)] where origin.hasPrefix(scheme) {
            self.init(String(origin.dropFirst(scheme.count)), defaultPort: port)
            return
        }
        return nil
    }

    /// Reads a `Host` header: a name or an address, IPv6 in brackets, with or without a port.
    init?(_ text: String, defaultPort: Int) {
        let text = text.lowercased()
        let hostEnd = text.lastIndex(of: "]").map { text.index(after: $0) } ?? text.firstIndex(of: ":") ?? text.endIndex
        host = String(text[..<hostEnd])
        let rest = text[hostEnd...]
        guard !host.isEmpty, !host.contains("/") else { return nil }
        if rest.isEmpty {
            port = defaultPort
        } else {
            guard rest.hasPrefix(":"), let number = Int(rest.dropFirst()) else { return nil }
            port = number
        }
    }
}
