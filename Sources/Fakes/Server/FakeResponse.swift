import Contracts
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

/// The response of a route. Refusals are thrown.
struct FakeResponse: Error {
    var status: Int
    var body: Body = .none
    var headers: [String: String] = [:]

    enum Body: Sendable {
        case none
        case json(JSONValue)
        case plain(String)
    }

    static func json(_ status: Int = 200, _ body: JSONValue) -> FakeResponse {
        FakeResponse(status: status, body: .json(body))
    }

    /// Creates an error response with a JSON string as its body.
    static func text(_ status: Int, _ message: String) -> FakeResponse {
        FakeResponse(status: status, body: .json(.string(message)))
    }

    static func empty(_ status: Int) -> FakeResponse { FakeResponse(status: status) }

    /// Converts the response for Hummingbird.
    func response() throws -> Response {
        var fields = HTTPFields()
        for (name, value) in headers {
            if let name = HTTPField.Name(name) { fields[name] = value }
        }
        let status = HTTPResponse.Status(code: status)
        switch body {
        case .none: return Response(status: status, headers: fields)
        case .json(let value):
            fields[.contentType] = "application/json; charset=utf-8"
            let bytes = try ContractCoding.encode(value)
            return Response(status: status, headers: fields, body: .init(byteBuffer: ByteBuffer(bytes: bytes)))
        case .plain(let text):
            fields[.contentType] = "text/plain"
            return Response(status: status, headers: fields, body: .init(byteBuffer: ByteBuffer(string: text)))
        }
    }
}
