import Contracts
public import Hummingbird
public import Logging

/// Gives every error the API's envelope, also unknown routes and wrong methods.
///
/// An unexpected error is logged; its response has no details.
public struct ErrorEnvelopeMiddleware<Context: RequestContext>: RouterMiddleware {
    private let logger: Logger

    public init(logger: Logger) { self.logger = logger }

    public func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let error as APIError {
            throw error
        } catch let error as any HTTPResponseError {
            throw APIError(Self.code(for: error.status.code), error.status.reasonPhrase)
        } catch {
            logger.log(
                event: .requestFailed, level: .error, "a request failed unexpectedly",
                metadata: [
                    LogKey.error: .string("\(type(of: error))"), "method": .string(request.method.rawValue),
                    "path": .string(request.uri.path),
                ])
            throw APIError(.internalError, "the request failed; the service's log says why")
        }
    }

    private static func code(for status: Int) -> APIErrorCode {
        switch status {
        case 401: .authRequired
        case 403: .forbidden
        case 404, 405: .notFound
        case 409: .conflict
        case 413: .payloadTooLarge
        case 429: .rateLimited
        case 503: .dependencyError
        case 400..<500: .validationError
        default: .internalError
        }
    }
}
