import Contracts
import Foundation
import HTTPClient
import HTTPTypes
import Hummingbird
import NIOCore
import ServiceKit

/// `/api/v1/dlq`: handed on to the recovery service, which alone looks into the parking lots.
struct DeadLettersController: Sendable {
    let client: HTTPClient
    /// Where recovery answers, without a slash at the end.
    let recoveryURL: String
    let maxBodyBytes: Int

    var endpoints: RouteCollection<BasicRequestContext> {
        let routes = RouteCollection(context: BasicRequestContext.self)
        routes.get(use: forward)
        routes.get("stats", use: forward)
        routes.post("requeue", use: forward)
        routes.post("purge", use: forward)
        return routes
    }

    @Sendable private func forward(_ request: Request, _ context: BasicRequestContext) async throws -> Response {
        var copy = HTTPClient.Request(request.method == .post ? .post : .get, recoveryURL + request.uri.path)
        if let query = request.uri.query { copy.url += "?" + query }
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
            throw APIError(
                .dependencyError, "the recovery service did not answer: \(error); start it or set HDM_RECOVERY_URL")
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
