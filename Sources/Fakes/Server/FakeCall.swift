import Foundation
import HTTPTypes

/// A parsed request to a fake.
struct FakeCall: Sendable {
    let method: String
    /// The path and the query, as sent.
    let target: String
    /// The decoded segments of the path.
    let segments: [String]
    let query: [String: String]
    let body: Data
    private let fields: HTTPFields

    init(_ head: HTTPRequest, body: Data) {
        method = head.method.rawValue
        target = head.path ?? "/"
        fields = head.headerFields
        self.body = body
        segments = target.prefix { $0 != "?" }.split(separator: "/").map { String($0).removingPercentEncoding ?? "" }
        query = Self.pairs(target.drop { $0 != "?" }.dropFirst())
    }

    /// The fields of a form in the body.
    var form: [String: String] { Self.pairs(Substring(String(decoding: body, as: UTF8.self))) }

    func header(_ name: String) -> String? { HTTPField.Name(name).flatMap { fields[$0] } }

    /// The token in `Authorization: Bearer`.
    var bearer: String? {
        guard let value = header("Authorization"), value.hasPrefix("Bearer ") else { return nil }
        return String(value.dropFirst(7))
    }

    private static func pairs(_ text: Substring) -> [String: String] {
        let items = text.split(separator: "&").map { item -> (String, String) in
            let name = item.prefix { $0 != "=" }
            return (decoded(name), decoded(item.dropFirst(name.count + 1)))
        }
        return Dictionary(items) { _, last in last }
    }

    private static func decoded(_ text: Substring) -> String {
        let plain = text.replacing("+", with: " ")
        return String(plain).removingPercentEncoding ?? String(plain)
    }
}
