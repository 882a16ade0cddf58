import Contracts
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import NIOCore
import ServiceKit
import TestSupport
import Testing

@testable import Gateway
@testable import JobLedger

@Suite struct GatewayRoutesTests {
    private static let one = #"{"requested_by":"alice","items":[{"artist":"A","title":"T"}]}"#

    @Test func `A submission is accepted, listed and shown`() async throws {
        try await withGatewayRoutes { _, client in
            let accepted = try await client.post("/api/v1/downloads", Self.one)
            #expect(accepted.status == 202)
            #expect(accepted.json["items_total"] == 1)
            #expect(accepted.json["requested_by"] == "alice")
            let item = try #require(accepted.json["items"]?.first)
            #expect(item["status"] == "enqueued")
            let id = try #require(item["job_id"]?.stringValue)

            let list = try await client.get("/api/v1/downloads?status=queued&limit=5")
            #expect(list.json["total"] == 1)
            #expect(list.json["items"]?.first?["job_id"] == .string(id))

            let job = try await client.get("/api/v1/downloads/\(id)")
            #expect(job.json["state"] == "queued")
            #expect(job.json["track"]?["title"] == "T")
            #expect(job.json["timeline"]?.first?["event"] == "job.match.enqueued")

            let escaped = id.replacing("-", with: "%2D")
            #expect(try await client.get("/api/v1/downloads/\(escaped)").json["job_id"] == .string(id))

            let batch = try #require(accepted.json["batch_id"]?.stringValue)
            #expect(try await client.get("/api/v1/batches/\(batch)").json["totals"]?["queued"] == 1)
        }
    }

    @Test func `The response to an invalid submission names the place`() async throws {
        try await withGatewayRoutes { _, client in
            let response = try await client.post(
                "/api/v1/downloads",
                #"{"items":[{"artist":"A","title":"1"},{"artist":"A","title":"2"},{"artist":"A","title":"3"},{"artist":"A"}]}"#
            )
            #expect(response.status == 400)
            #expect(response.json["ok"] == .bool(false))
            #expect(response.json["error"]?["code"] == "VALIDATION_ERROR")
            #expect(response.json["error"]?["meta"]?["field"] == "/items/3/title")
            #expect(response.json["error"]?["message"]?.stringValue?.contains("/items/3/title") == true)
        }
    }

    @Test(arguments: ["[]", "5", "null", "{", "", "\u{FEFF}"])
    func `A body that is no JSON object is a validation error`(_ body: String) async throws {
        try await withGatewayRoutes { _, client in
            let response = try await client.post("/api/v1/downloads", body)
            #expect(response.status == 400)
            #expect(response.json["error"]?["code"] == "VALIDATION_ERROR")
            #expect(response.json["error"]?["meta"]?["field"] == "")
        }
    }

    @Test func `A body beyond the limit is too large, announced or not`() async throws {
        try await withGatewayRoutes(["HDM_HTTP_MAX_BODY_BYTES": "1024"]) { _, client in
            let response = try await client.post("/api/v1/downloads", String(repeating: " ", count: 1025))
            #expect(response.status == 413)
            #expect(response.json["error"]?["code"] == "PAYLOAD_TOO_LARGE")
        }
    }

    @Test func `An Idempotency-Key replays the response and conflicts with another body`() async throws {
        try await withGatewayRoutes { _, client in
            let key: [String: String] = ["Idempotency-Key": "k1"]
            let first = try await client.post("/api/v1/downloads", Self.one, key)
            let second = try await client.post("/api/v1/downloads", Self.one, key)
            #expect(second.status == 202)
            #expect(second.json == first.json)
            #expect(second.headers["Idempotency-Replayed"] == "true")
            #expect(first.headers["Idempotency-Replayed"] == nil)
            let other = try await client.post("/api/v1/downloads", #"{"items":[{"artist":"A","title":"U"}]}"#, key)
            #expect(other.status == 409)
            #expect(other.json["error"]?["code"] == "CONFLICT")
            let long = ["Idempotency-Key": String(repeating: "k", count: 256)]
            #expect(try await client.post("/api/v1/downloads", Self.one, long).status == 400)
        }
    }

    @Test(arguments: [
        "limit=0", "limit=101", "limit=x", "offset=-1", "status=odd", "kind=odd",
    ])
    func `An invalid query parameter is named`(_ query: String) async throws {
        try await withGatewayRoutes { _, client in
            let response = try await client.get("/api/v1/downloads?\(query)")
            #expect(response.status == 400)
            #expect(response.json["error"]?["meta"]?["field"] == .string(String(query.prefix { $0 != "=" })))
        }
    }

    @Test func `A group name lists all of its states`() async throws {
        try await withGatewayRoutes { gateway, client in
            let id = try await gateway.submit(title: "Sinnerman").jobID
            #expect(try await client.get("/api/v1/downloads?status=active").json["total"] == 1)
            #expect(try await client.get("/api/v1/downloads?status=running").json["total"] == 0)
            try await gateway.apply(.test(.deadLettered, .match, .deadLetter, hop: 0, job: id))
            #expect(try await client.get("/api/v1/downloads?status=completed,failed").json["total"] == 1)
        }
    }

    @Test(arguments: [
        ("GET", "/nowhere"), ("GET", "/api/v1/downloads/unknown"), ("GET", "/api/v1/downloads/a%2Fb"),
        ("GET", "/api/v1/batches/unknown"), ("DELETE", "/api/v1/batches/unknown"), ("PUT", "/api/v1/downloads"),
    ])
    func `Unknown routes and ids get the error envelope`(_ method: String, _ path: String) async throws {
        try await withGatewayRoutes { _, client in
            let response = try await client.send(method, path)
            #expect(response.status == 404)
            #expect(response.json["ok"] == .bool(false))
            #expect(response.json["error"]?["code"] == "NOT_FOUND")
        }
    }

    @Test func `With API keys, requests need one; health stays open`() async throws {
        try await withGatewayRoutes(["HARMONY_API_KEYS": "first, second"]) { _, client in
            for headers in [
                [:], ["X-API-Key": "third"], ["X-API-Key": ""], ["Authorization": "Bearer"],
                ["Authorization": "Basic first"], ["X-API-Key": "first, second"],
            ] {
                let response = try await client.get("/api/v1/downloads", headers)
                #expect(response.status == 401, "\(headers)")
                #expect(response.json["error"]?["code"] == "AUTH_REQUIRED")
            }
            for headers in [
                ["X-API-Key": "first"], ["Authorization": "Bearer second"], ["Authorization": "bearer first"],
            ] {
                #expect(try await client.get("/api/v1/downloads", headers).status == 200, "\(headers)")
            }
            for path in ["/api/v1/batches/x", "/api/v1/dlq", "/api/v1/dlq/stats", "/api/v1/downloads/x"] {
                #expect(try await client.get(path).status == 401, "\(path)")
            }
            #expect(try await client.get("/api/health/live").status == 200)
        }
    }

    @Test func `Readiness shows its checks on request`() async throws {
        try await withGatewayRoutes { _, client in
            let short = try await client.get("/api/health/ready")
            #expect(short.status == 200)
            #expect(short.json["checks"] == nil)
            #expect(try await client.get("/api/health/ready?verbose=1").json["checks"] == [:])
        }
    }

    @Test func `The response to an internal failure has no details`() async throws {
        try await withGatewayRoutes { gateway, client in
            try gateway.store.close()
            let list = try await client.get("/api/v1/downloads")
            #expect(list.status == 500)
            #expect(list.json["error"]?["code"] == "INTERNAL_ERROR")
            #expect(!list.text.contains("SQL"))
            let submission = try await client.post("/api/v1/downloads", Self.one)
            #expect(submission.status == 503)
            #expect(submission.json["error"]?["code"] == "DEPENDENCY_ERROR")
            #expect(!submission.text.contains("SQL"))
        }
    }

    @Test func `Dead letter requests are forwarded to recovery with path, query and body`() async throws {
        let router = Router()
        router.get("/api/v1/dlq") { request, _ in
            let actor = HTTPField.Name("X-HDM-Actor").flatMap { request.headers[$0] }
            return JSONResponse(["asked": request.uri.string, "actor": actor ?? "nobody"])
        }
        router.post("/api/v1/dlq/purge") { request, _ in
            let body = try await request.body.collect(upTo: 1 << 20)
            return JSONResponse(["body": String(buffer: body)], status: .conflict)
        }
        try await withServer(router) { port in
            try await withGatewayRoutes(["HDM_RECOVERY_URL": "http://127.0.0.1:\(port)/"]) { _, client in
                let list = try await client.get("/api/v1/dlq?page=2&reason=no%20match")
                #expect(list.status == 200)
                #expect(list.json["asked"] == "/api/v1/dlq?page=2&reason=no%20match")
                #expect(list.json["actor"] == "anonymous")
                let purge = try await client.post("/api/v1/dlq/purge", #"{"ids":["a"]}"#)
                #expect(purge.status == 409)
                #expect(purge.json["body"] == #"{"ids":["a"]}"#)
            }
        }
    }

    @Test func `Without recovery, dead letter requests fail as a missing dependency`() async throws {
        // Nobody listens on port 1.
        try await withGatewayRoutes(["HDM_RECOVERY_URL": "http://127.0.0.1:1"]) { _, client in
            let response = try await client.get("/api/v1/dlq")
            #expect(response.status == 503)
            #expect(response.json["error"]?["code"] == "DEPENDENCY_ERROR")
        }
    }

    // MARK: - Settings

    @Test(arguments: [
        ("IDEMPOTENCY_BACKEND", "redis"), ("BATCH_MAX_ITEMS", "0"), ("IDEMPOTENCY_TTL_DAYS", "x"),
        ("HDM_RECOVERY_URL", "recovery"), ("HDM_RECOVERY_URL", "ftp://recovery"), ("HDM_HTTP_MAX_BODY_BYTES", "-5"),
        ("HARMONY_API_KEYS_FILE", "/nonexistent/keys"),
    ])
    func `An invalid setting stops the start and is named`(_ name: String, _ value: String) throws {
        let raw = Settings(environment: [name: value])
        let shared = try ServiceSettings(raw, for: .gateway)
        let error = #expect(throws: SettingsError.self) { try GatewaySettings(raw, shared) }
        #expect(error?.name == name)
    }

    @Test func `The database is in the downloads folder by default`() throws {
        func place(_ environment: [String: String]) throws -> JobStoreLocation {
            let raw = Settings(environment: environment)
            return try GatewaySettings(raw, ServiceSettings(raw, for: .gateway)).location
        }
        #expect(try place(["DOWNLOADS_DIR": "/srv/dl"]) == .file("/srv/dl/.harmony/idempotency.db"))
        #expect(try place(["IDEMPOTENCY_SQLITE_PATH": "/var/x.db"]) == .file("/var/x.db"))
        #expect(try place(["IDEMPOTENCY_BACKEND": "memory"]) == .memory)
    }
}
