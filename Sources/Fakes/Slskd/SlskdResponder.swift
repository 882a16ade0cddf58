import Contracts
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

/// Receives requests and passes them to the fake.
struct SlskdResponder: HTTPResponder {
    typealias Context = FakeContext

    let fake: FakeSlskd

    func respond(to request: Request, context: FakeContext) async throws -> Response {
        var call = SlskdCall(request.head, urlBase: fake.settings.urlBase, version: fake.version)
        let index = fake.begin(call)
        let body = try? await request.body.collect(upTo: 16 << 20)
        call.body = body.map { Data($0.readableBytesView) } ?? Data()
        let response = await fake.respond(to: call)
        fake.end(index, status: response?.status)
        guard let response else {
            try await context.channel.close()
            throw ConnectionClosed()
        }
        return try response.response()
    }

    private struct ConnectionClosed: Error {}
}

/// A parsed request.
struct SlskdCall: Sendable {
    let method: String
    let target: String
    var body = Data()
    let query: [String: String]
    /// `nil` if no route matches; ``refusal`` is the response then.
    let route: FakeRoute?
    let refusal: FakeResponse?
    private let parameters: [String]
    private let fields: HTTPFields

    init(_ head: HTTPRequest, urlBase: String, version: FakeVersion) {
        method = head.method.rawValue
        target = head.path ?? "/"
        fields = head.headerFields
        query = Self.query(target)
        do throws(FakeResponse) {
            let (found, raw) = try Self.find(method, target, urlBase, version)
            (route, refusal) = (found, nil)
            parameters = raw.map { Self.decoded($0, version) }
        } catch {
            (route, refusal) = (nil, error)
            parameters = []
        }
    }

    func parameter(_ index: Int) -> String { parameters.indices.contains(index) ? parameters[index] : "" }

    /// Returns a parameter that must be a GUID, in the spelling of slskd.
    func identifier(_ index: Int) -> String? { UUID(uuidString: parameter(index))?.uuidString.lowercased() }

    func flag(_ name: String) -> Bool { query[name.lowercased()]?.lowercased() == "true" }

    func header(_ name: String) -> String? { HTTPField.Name(name).flatMap { fields[$0] } }

    /// Parses the body.
    /// - Throws: 415 for another content type, 400 if the body is not JSON.
    func json() throws(FakeResponse) -> JSONValue {
        guard header("Content-Type")?.lowercased().hasPrefix("application/json") == true else { throw .empty(415) }
        guard let value = try? ContractCoding.decode(JSONValue.self, from: body) else {
            throw .text(400, "A non-empty request body is required.")
        }
        return value
    }

    private static func find(
        _ method: String, _ target: String, _ urlBase: String, _ version: FakeVersion
    ) throws(FakeResponse) -> (FakeRoute, [Substring]) {
        let path = target.prefix { $0 != "?" }
        guard path.hasPrefix(urlBase) else { throw .empty(404) }
        let segments = path.dropFirst(urlBase.count).split(separator: "/", omittingEmptySubsequences: true)
        if segments == ["health"] { return (.health, []) }
        guard segments.prefix(2) == ["api", "v0"] else { throw .empty(404) }
        return try FakeRoute.find(method, Array(segments.dropFirst(2)), hasBatches: version.hasBatches)
    }

    private static func decoded(_ segment: Substring, _ version: FakeVersion) -> String {
        let kept = segment.replacing(#/%2[fF]/#, with: "%252F")
        let text = String(version.acceptsEncodedSlashes ? segment : kept)
        return text.removingPercentEncoding ?? text
    }

    private static func query(_ target: String) -> [String: String] {
        let items = target.drop { $0 != "?" }.dropFirst().split(separator: "&")
        let pairs = items.map { item -> (String, String) in
            let name = item.prefix { $0 != "=" }
            let value = String(item.dropFirst(name.count + 1))
            return (name.lowercased(), value.removingPercentEncoding ?? value)
        }
        return Dictionary(pairs) { _, last in last }
    }
}
