import Contracts
public import Foundation
import HTTPTypes
public import Hummingbird
import NIOCore

extension Request {
    /// Returns the body, if it has at most `limit` bytes.
    /// - Throws: `APIError` `.payloadTooLarge`.
    public func bytes(upTo limit: Int) async throws -> Data {
        let tooLarge = APIError(
            .payloadTooLarge, "the body is larger than \(limit) bytes; send it in parts",
            meta: ["limit": .integer(Int64(limit))])
        if let declared = headers[.contentLength].flatMap({ Int($0) }), declared > limit { throw tooLarge }
        do {
            return Data(try await body.collect(upTo: limit).readableBytesView)
        } catch is NIOTooManyBytesError {
            throw tooLarge
        }
    }

    /// Decodes the body as JSON.
    /// - Throws: `APIError` `.payloadTooLarge`, or `.validationError` with the field that breaks the contract.
    public func decode<Body: Decodable>(_: Body.Type = Body.self, upTo limit: Int) async throws -> Body {
        let bytes = try await bytes(upTo: limit)
        do throws(ContractViolation) {
            return try ContractCoding.decode(Body.self, from: bytes)
        } catch {
            throw APIError(error)
        }
    }

    /// Returns the value of a header; `nil` when it is absent.
    public func header(_ name: String) -> String? { HTTPField.Name(name).flatMap { headers[$0] } }

    /// Returns a parameter of the query; an empty one counts as absent.
    public func query(_ name: String) -> String? {
        uri.queryParameters[Substring(name)].flatMap { $0.isEmpty ? nil : String($0) }
    }

    /// Returns a whole number of the query.
    /// - Throws: `APIError` that names the parameter.
    public func query(_ name: String, default value: Int, in range: ClosedRange<Int>) throws -> Int {
        guard let text = query(name) else { return value }
        guard let number = Int(text), range.contains(number) else {
            throw invalidQuery(name, "must be a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    /// Returns the error for an invalid parameter of the query.
    public func invalidQuery(_ name: String, _ problem: String) -> APIError {
        APIError(.validationError, "\(name) \(problem)", meta: ["field": .string(name), "problem": .string(problem)])
    }

    /// The caller's W3C Trace Context, if it has the right form.
    public var traceparent: String? {
        guard let text = header("traceparent"), text.utf8.count == 55,
            text.utf8.allSatisfy({ $0 == UInt8(ascii: "-") || isHexadecimal($0) })
        else { return nil }
        return text
    }

    private func isHexadecimal(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"): true
        default: false
        }
    }
}

extension BasicRequestContext {
    /// Returns a parameter of the path, percent-decoded; `nil` when it cannot be decoded.
    public func pathPart(_ name: String) -> String? { parameters.get(name)?.removingPercentEncoding }
}
