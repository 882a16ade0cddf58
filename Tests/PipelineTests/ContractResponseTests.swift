import Contracts
import Foundation
import TestSupport
import Testing

/// What the HTTP API really answers is what `contracts/openapi.yaml` says.
@Suite(.enabled(if: TestBroker.isExpected, "\(TestBroker.setupHint)"))
struct ContractResponseTests {
    /// A database that refuses is not made here.
    private static let unseen: Set = [
        "post /api/v1/downloads 503", "post /api/v1/imports/free 503", "patch /api/v1/settings/secrets 503",
        "post /api/v1/settings/secrets/rotate 503", "delete /api/v1/spotify/pro/oauth 503", "get /callback 503",
        "get /spotify/status 503", "get /api/v1/spotify/status 503",
    ]

    @Test func `every answer has a status that its operation declares, and fits the schema of it`() async throws {
        let run = try await ContractRun.shared.value
        let api = try await ContractOpenAPI.load()
        var instances: [JSONSchemaCheck.Instance] = []
        for (index, answer) in run.answers.enumerated() where answer.path != ContractScenario.strayPath {
            let name = "\(index) \(answer.operation) \(answer.status)"
            if answer.status == 204 {
                #expect(answer.body.isEmpty && api.answers.contains("\(answer.operation) 204"), "\(name)")
                continue
            }
            let content = try #require(api.content(of: answer.operation, answer.status), "\(name) is not declared")
            #expect(answer.headers["content-type"]?.hasPrefix(content.type) == true, "\(name)")
            guard content.type == "application/json" else { continue }
            instances.append(.init(name, schema: content.schema, json: try #require(answer.json, "\(name)")))
        }
        for (name, found) in try await JSONSchemaCheck.findings(in: instances) { #expect(found.isEmpty, "\(name)") }
    }

    @Test func `every operation exists and gives every answer that it declares`() async throws {
        let run = try await ContractRun.shared.value
        let declared = Set(try await ContractOpenAPI.load().answers)
        let seen = Set(run.answers.map { "\($0.operation) \($0.status)" })
        #expect(declared.count > 40)
        #expect(declared.subtracting(seen) == Self.unseen)
    }

    @Test func `what no service knows gets the error envelope from every one of them`() async throws {
        let strays = try await ContractRun.shared.value.answers.filter { $0.path == ContractScenario.strayPath }
        #expect(Set(strays.map(\.service)) == Set(ServiceName.allCases))
        for stray in strays {
            #expect(stray.status == 404)
            let answer = try ContractCoding.decode(ErrorResponse.self, from: stray.body)
            #expect(!answer.ok && answer.error.code == .notFound, "\(stray.service)")
        }
    }

    @Test func `the same submission under one key is answered again, word for word, and another is a conflict`()
        async throws
    {
        let posts = try await ContractRun.shared.value.answers.filter { $0.operation == "post /api/v1/downloads" }
        #expect(posts.prefix(3).map(\.status) == [202, 202, 409])
        #expect(posts[0].body == posts[1].body)
        #expect(posts[0].headers["idempotency-replayed"] == nil)
        #expect(posts[1].headers["idempotency-replayed"] == "true")
        #expect(posts[3].json?["items"]?.elements.first?["status"] == "already_processed")
    }

    @Test func `a dry run says what would happen and changes nothing`() async throws {
        let answers = try await ContractRun.shared.value.answers.filter { $0.status == 200 }
        func data(_ operation: String) -> [JSONValue] {
            answers.filter { $0.operation == operation }.compactMap { $0.json?["data"] }
        }
        let requeues = data("post /api/v1/dlq/requeue")
        #expect(requeues[0]["dry_run"] == true && requeues[1]["dry_run"] == false)
        #expect(requeues[0]["requeued"] == requeues[1]["requeued"])
        #expect(requeues[1]["requeued"]?.elements.count == 1)
        #expect(requeues[1]["skipped"]?.elements.map { $0["reason"] } == ["invalid_document", "invalid_document"])
        let purges = data("post /api/v1/dlq/purge")
        #expect(purges.map { $0["purged"] }.prefix(4) == [2, 2, 0, 0])
        #expect(purges[2]["skipped"]?.elements.map { $0["reason"] } == ["not_dead_letter", "not_dead_letter"])
    }
}

/// `contracts/openapi.yaml`, as far as it says what answers look like.
private struct ContractOpenAPI {
    let document: JSONValue

    static func load() async throws -> ContractOpenAPI {
        ContractOpenAPI(document: try await JSONSchemaCheck.yaml("contracts/openapi.yaml"))
    }

    /// Every answer that is declared, as `get /live 200`.
    var answers: [String] {
        (document["paths"]?.members ?? [:]).flatMap { path, operations in
            operations.members.flatMap { method, operation in
                (operation["responses"]?.members ?? [:]).keys.map { "\(method) \(path) \($0)" }
            }
        }
    }

    /// The media type of an answer and the place of its schema in the document; `nil` when it is not declared.
    func content(of operation: String, _ status: Int) -> (type: String, schema: String)? {
        let parts = operation.split(separator: " ").map(String.init)
        let escaped = parts[1].replacing("~", with: "~0").replacing("/", with: "~1")
        var response = document["paths"]?[parts[1]]?[parts[0]]?["responses"]?["\(status)"]
        var place = "/paths/\(escaped)/\(parts[0])/responses/\(status)"
        if let reference = response?["$ref"]?.stringValue, let name = reference.split(separator: "/").last {
            response = document["components"]?["responses"]?[String(name)]
            place = "/components/responses/\(name)"
        }
        guard let type = response?["content"]?.members.keys.first else { return nil }
        return (type, "openapi.yaml#\(place)/content/\(type.replacing("/", with: "~1"))/schema")
    }
}
