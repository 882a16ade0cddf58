import Contracts
import Foundation
import HTTPClient
import HTTPTypes
import Hummingbird
import ServiceKit

/// Forwards requests to another service and returns its responses unchanged: status, headers and body.
struct ServiceProxy: Sendable {
    let service: ServiceName
    /// The base URL of the service, without a slash at the end.
    let url: String
    let key: ServiceKey
    /// The limit of a request body, in bytes.
    let maxBodyBytes: Int
    /// A client of its own, so that a hanging service delays requests to no other one.
    let client: ProxyClient

    /// The limit of a response body, in bytes. Longer lists have pages.
    static let maxResponseBytes = 16 << 20
    static let timeout: Duration = .seconds(30)
    private static let methods: [HTTPRequest.Method] = [.get, .head, .post, .put, .patch, .delete]

    /// Routes for these paths, relative to the collection.
    func endpoints(get: [RouterPath] = [], post: [RouterPath] = []) -> RouteCollection<BasicRequestContext> {
        let routes = RouteCollection(context: BasicRequestContext.self)
        for path in get { routes.get(path, use: forward) }
        for path in post { routes.post(path, use: forward) }
        return routes
    }

    /// Routes for every method and path below the collection.
    var everything: RouteCollection<BasicRequestContext> {
        let routes = RouteCollection(context: BasicRequestContext.self)
        for method in Self.methods {
            routes.on("", method: method, use: forward)
            routes.on("**", method: method, use: forward)
        }
        return routes
    }

    @Sendable private func forward(_ request: Request, _ context: BasicRequestContext) async throws -> Response {
        let forwarded = try await forwarded(request)
        do throws(ProxyClient.Failure) {
            return Response(forwarded: try await client.send(forwarded))
        } catch {
            throw APIError(.dependencyError, text(for: error))
        }
    }

    private func forwarded(_ request: Request) async throws -> HTTPClient.Request {
        // libcurl removes dot segments, so such a path could leave the routes that this proxy serves.
        guard !request.uri.path.hasDotSegment, let method = HTTPMethod(rawValue: request.method.rawValue) else {
            throw APIError(.notFound, "there is no such route")
        }
        var copy = HTTPClient.Request(
            method, url + request.uri.path + (request.uri.query.map { "?" + $0 } ?? ""), timeout: Self.timeout,
            maxBodyBytes: Self.maxResponseBytes)
        for name in ProxyHeaders.forwarded { copy.headers[name] = request.header(name) }
        copy.headers["X-HDM-Actor"] = request.client.actor
        copy.headers[ServiceKey.header] = key.value
        if ![.get, .head].contains(method) { copy.body = try await request.bytes(upTo: maxBodyBytes) }
        return copy
    }

    private func text(for failure: ProxyClient.Failure) -> String {
        switch failure {
        case .busy(let count):
            "the \(service.rawValue) service has not answered \(count) earlier requests; try again later, and check its "
                + "log if this lasts"
        case .client(let error):
            "the \(service.rawValue) service did not answer: \(error); start `hdm \(service.rawValue)` or set "
                + "HDM_\(service.rawValue.uppercased())_URL"
        }
    }
}

extension String {
    /// Whether a path has a segment `.` or `..`, also percent-encoded.
    fileprivate var hasDotSegment: Bool {
        split(separator: "/").contains { segment in
            [".", ".."].contains(segment.lowercased().replacing("%2e", with: "."))
        }
    }
}
