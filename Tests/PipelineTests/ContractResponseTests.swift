import Contracts
import Foundation
import TestSupport
import Testing

/// The responses of the HTTP API match `contracts/openapi.yaml`.
@Suite(.enabled(if: TestBroker.isExpected, "\(TestBroker.setupHint)"))
struct ContractResponseTests {
    /// Responses to the failure of a database or of the shared volume, which the run does not cause.
    private static let unseen: Set = [
        "post /api/v1/downloads 503", "post /api/v1/imports/free 503", "get /api/v1/library 503",
        "post /api/v1/library/metadata 503", "post /api/v1/downloads/{job_id}/retry 503", "get /api/v1/control 503",
        "post /api/v1/control/{stage}/pause 503", "post /api/v1/control/{stage}/resume 503",
    ]

    @Test func `every response has a status that its operation declares, and fits its schema`() async throws {
        let run = try await ContractRun.shared.value
        let api = try await ContractOpenAPI.load()
        var instances: [JSONSchemaCheck.Instance] = []
        for (index, response) in run.responses.enumerated() where response.path != ContractScenario.strayPath {
            let name = "\(index) \(response.operation) \(response.status)"
            if response.status == 204 {
                #expect(response.body.isEmpty && api.responses.contains("\(response.operation) 204"), "\(name)")
                continue
            }
            let type = response.headers["content-type"] ?? ""
            let schema = try #require(api.schema(of: response.operation, response.status, type), "\(name) \(type)")
            guard type.hasPrefix("application/json") else { continue }
            instances.append(.init(name, schema: schema, json: try #require(response.json, "\(name)")))
        }
        for (name, found) in try await JSONSchemaCheck.findings(in: instances) { #expect(found.isEmpty, "\(name)") }
    }

    @Test func `every operation exists and gives every response that it declares`() async throws {
        let run = try await ContractRun.shared.value
        let declared = Set(try await ContractOpenAPI.load().responses)
        let seen = Set(run.responses.map { "\($0.operation) \($0.status)" })
        #expect(declared.count > 40)
        #expect(declared.subtracting(seen) == Self.unseen)
    }

    @Test func `every service responds to an unknown path with the error envelope`() async throws {
        let strays = try await ContractRun.shared.value.responses.filter { $0.path == ContractScenario.strayPath }
        #expect(Set(strays.map(\.service)) == Set(ServiceName.allCases))
        for stray in strays {
            #expect(stray.status == 404)
            let response = try ContractCoding.decode(ErrorResponse.self, from: stray.body)
            #expect(!response.ok && response.error.code == .notFound, "\(stray.service)")
        }
    }

    @Test func `a repeated submission with one key gets the same response, and another one is a conflict`()
        async throws
    {
        let posts = try await ContractRun.shared.value.responses.filter { $0.operation == "post /api/v1/downloads" }
        #expect(posts.prefix(3).map(\.status) == [202, 202, 409])
        #expect(posts[0].body == posts[1].body)
        #expect(posts[0].headers["idempotency-replayed"] == nil)
        #expect(posts[1].headers["idempotency-replayed"] == "true")
        #expect(posts[3].json?["items"]?.elements.first?["status"] == "already_processed")
    }

    @Test func `a dry run returns the result and changes nothing`() async throws {
        let responses = try await ContractRun.shared.value.responses.filter { $0.status == 200 }
        func data(_ operation: String) -> [JSONValue] {
            responses.filter { $0.operation == operation }.compactMap { $0.json?["data"] }
        }
        let requeues = data("post /api/v1/dlq/requeue")
        #expect(requeues[0]["dry_run"] == true && requeues[1]["dry_run"] == false)
        #expect(requeues[0]["requeued"] == requeues[1]["requeued"])
        #expect(requeues[1]["requeued"]?.elements.count == 1)
        #expect(
            requeues[1]["skipped"]?.elements.map { $0["reason"] }
                == ["invalid_document", "invalid_document", "invalid_document"])
        let purges = data("post /api/v1/dlq/purge")
        #expect(purges.map { $0["purged"] }.prefix(4) == [2, 2, 0, 0])
        #expect(purges[2]["skipped"]?.elements.map { $0["reason"] } == ["not_dead_letter", "not_dead_letter"])
    }
}

/// The responses that `contracts/openapi.yaml` declares.
private struct ContractOpenAPI {
    let document: JSONValue

    static func load() async throws -> ContractOpenAPI {
        ContractOpenAPI(document: try await JSONSchemaCheck.yaml("contracts/openapi.yaml"))
    }

    /// All declared responses, such as `get /live 200`.
    var responses: [String] {
        (document["paths"]?.members ?? [:]).flatMap { path, operations in
            operations.members.flatMap { method, operation in
                (operation["responses"]?.members ?? [:]).keys.map { "\(method) \(path) \($0)" }
            }
        }
    }

    /// Returns the location of the schema of a response in the document; `nil` if the media type is not declared.
    /// - Parameter type: The value of the header `Content-Type`.
    func schema(of operation: String, _ status: Int, _ type: String) -> String? {
        let parts = operation.split(separator: " ").map(String.init)
        let escaped = parts[1].replacing("~", with: "~0").replacing("/", with: "~1")
        var response = document["paths"]?[parts[1]]?[parts[0]]?["responses"]?["\(status)"]
        var place = "/paths/\(escaped)/\(parts[0])/responses/\(status)"
        if let reference = response?["$ref"]?.stringValue, let name = reference.split(separator: "/").last {
            response = document["components"]?["responses"]?[String(name)]
            place = "/components/responses/\(name)"
        }
        let types = response?["content"]?.members.keys.map { $0 } ?? []
        guard let declared = types.first(where: type.hasPrefix) else { return nil }
        return "openapi.yaml#\(place)/content/\(declared.replacing("/", with: "~1"))/schema"
    }
}
