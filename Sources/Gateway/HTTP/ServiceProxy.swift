import Contracts
import Foundation
import HTTPClient
import HTTPTypes
import Hummingbird
import NIOCore
import ServiceKit

/// Routes that another service answers: requests are handed on to it, and its answers back, as they are.
struct ServiceProxy: Sendable {
    let client: HTTPClient
    let service: ServiceName
    /// Where it answers, without a slash at the end.
    let url: String
    let maxBodyBytes: Int

    /// `/api/v1/dlq`: recovery alone looks into the parking lots.
    var deadLetters: RouteCollection<BasicRequestContext> {
        endpoints(get: ["", "stats"], post: ["requeue", "purge"])
    }

    /// `/api/v1/peers`: download alone knows them.
    var peers: RouteCollection<BasicRequestContext> { endpoints(get: [""], post: ["ban", "unban"]) }

    private func endpoints(get: [RouterPath], post: [RouterPath]) -> RouteCollection<BasicRequestContext> {
        let routes = RouteCollection(context: BasicRequestContext.self)
        for path in get { routes.get(path, use: forward) }
        for path in post { routes.post(path, use: forward) }
        return routes
    }

    @Sendable private func forward(_ request: Request, _ context: BasicRequestContext) async throws -> Response {
        var copy = HTTPClient.Request(request.method == .post ? .post : .get, url + request.uri.path)
        if let query = request.uri.query { copy.url += "?" + query }
        copy.headers["X-HDM-Actor"] = APIKeys.actor(of: request)
        if copy.method == .post {
            copy.body = try await request.bytes(upTo: maxBodyBytes)
            copy.headers["Content-Type"] = "application/json"
        }
        return Response(try await send(copy))
    }

    private func send(_ request: HTTPClient.Request) async throws -> HTTPClient.Response {
        do throws(HTTPClientError) {
            return try await client.send(request)
        } catch {
            let setting = "HDM_\(service.rawValue.uppercased())_URL"
            throw APIError(
                .dependencyError, "the \(service.rawValue) service did not answer: \(error); start it or set \(setting)"
            )
        }
    }
}

extension Response {
    /// An answer of another service, passed on as it is.
    fileprivate init(_ answer: HTTPClient.Response) {
        var fields = HTTPFields()
        fields[.contentType] = answer.headers["Content-Type"] ?? "application/json; charset=utf-8"
        self.init(
            status: .init(code: answer.status), headers: fields,
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: answer.body)))
    }
}
