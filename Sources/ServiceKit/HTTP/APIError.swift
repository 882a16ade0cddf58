public import Contracts
import Foundation
public import HTTPTypes
public import Hummingbird
import NIOCore

/// An answer of the HTTP API that says what went wrong, in the envelope that all errors have.
public struct APIError: Error, HTTPResponseError {
    public let answer: ErrorResponse

    public init(_ code: APIErrorCode, _ message: String, meta: [String: JSONValue]? = nil) {
        answer = ErrorResponse(code, message, meta: meta)
    }

    /// A request that breaks the contract.
    public init(_ violation: ContractViolation) { answer = ErrorResponse(violation) }

    public var status: HTTPResponse.Status { .init(code: answer.error.code.status) }

    public func response(from request: Request, context: some RequestContext) throws -> Response {
        try JSONResponse(answer, status: status).response(from: request, context: context)
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
