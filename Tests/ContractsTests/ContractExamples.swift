import Contracts
import Foundation
import TestSupport
import Testing

/// The documents in `contracts/examples`, named `<schema>.<case>.json`.
struct ContractExample: CustomTestStringConvertible {
    let name: String
    let data: Data

    var testDescription: String { name }

    /// The first word of its name: `job`, `submission-answer` …
    var schema: String { String(name.prefix { $0 != "." }) }

    var instance: JSONSchemaCheck.Instance {
        get throws {
            let json = try ContractCoding.decode(JSONValue.self, from: data)
            return JSONSchemaCheck.Instance(name, schema: "schemas/\(schema).schema.json", json: json)
        }
    }

    static func all(in folder: String) throws -> [ContractExample] {
        let path = PackageRoot.path(folder)
        return try FileManager.default.contentsOfDirectory(atPath: path)
            .filter { $0.hasSuffix(".json") && $0 != "places.json" }.sorted()
            .map { ContractExample(name: $0, data: try Data(contentsOf: URL(fileURLWithPath: "\(path)/\($0)"))) }
    }

    static func valid() throws -> [ContractExample] { try all(in: "contracts/examples") }

    static func invalid() throws -> [ContractExample] { try all(in: "contracts/examples/invalid") }

    /// Returns the place at which each invalid example violates its schema, by the name of the example.
    static func places() throws -> [String: String] {
        let path = PackageRoot.path("contracts/examples/invalid/places.json")
        return try JSONDecoder().decode([String: String].self, from: Data(contentsOf: URL(fileURLWithPath: path)))
    }

    /// The type that reads documents of this schema; `nil` for headers, which are no document.
    var type: (any (Codable & Sendable).Type)? {
        switch schema {
        case "job": JobDocument.self
        case "submission": Submission.self
        case "submission-answer": SubmissionResponse.self
        case "event": JobEvent.self
        case "progress": ProgressEvent.self
        case "error": ErrorResponse.self
        case "link": LinkRequest.self
        case "expansion": ExpansionEvent.self
        case "system": SystemStatus.self
        default: nil
        }
    }
}
