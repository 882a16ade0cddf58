public import Contracts
import Foundation
public import HTTPTypes
public import Hummingbird
import NIOCore

/// An error response of the HTTP API, in the envelope of all errors.
public struct APIError: Error, HTTPResponseError {
    public let body: ErrorResponse

    public init(_ code: APIErrorCode, _ message: String, meta: [String: JSONValue]? = nil) {
        body = ErrorResponse(code, message, meta: meta)
    }

    /// Creates the error for a request that breaks the contract.
    public init(_ violation: ContractViolation) { body = ErrorResponse(violation) }

    public var status: HTTPResponse.Status { .init(code: body.error.code.status) }

    public func response(from request: Request, context: some RequestContext) throws -> Response {
        try JSONResponse(body, status: status).response(from: request, context: context)
    }
}

/// A value as a JSON response.
public struct JSONResponse<Value: Encodable & Sendable>: ResponseGenerator {
    private let value: Value
    private let status: HTTPResponse.Status
    private let headers: HTTPFields

    public init(_ value: Value, status: HTTPResponse.Status = .ok, headers: HTTPFields = [:]) {
        self.value = value
        self.status = status
        self.headers = headers
    }

    public func response(from request: Request, context: some RequestContext) throws -> Response {
        let body = try ContractCoding.encode(value, sorted: true)
        var headers = headers
        headers[.contentType] = "application/json; charset=utf-8"
        return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: body)))
    }
}
