import Contracts
import Foundation
import HTTPTypes
import Hummingbird
import ServiceKit
import Synchronization
import TestSupport
import Testing

@testable import Gateway
@testable import JobLedger

@Suite struct PlannerProxyTests {
    @Test(arguments: [
        ("GET", "/api/v1/watchlist?limit=5"), ("POST", "/api/v1/watchlist"), ("PATCH", "/api/v1/watchlist/spotify%3Ax"),
        ("DELETE", "/api/v1/watchlist/x"), ("GET", "/api/v1/expansions/x"), ("POST", "/api/v1/expansions/x/cancel"),
        ("PATCH", "/api/v1/settings/secrets"), ("POST", "/api/v1/settings/secrets/rotate"),
        ("POST", "/api/v1/spotify/backfill/run"), ("GET", "/api/v1/spotify/backfill/jobs"),
        ("POST", "/api/v1/spotify/pro/oauth/start"), ("POST", "/api/v1/oauth/manual"),
        ("GET", "/api/v1/oauth/status/x"), ("GET", "/api/v1/spotify/status"), ("GET", "/spotify/status"),
    ])
    func `The planner gets its requests unchanged, with the service key and without the client's key`(
        _ method: String, _ path: String
    ) async throws {
        try await withPlanner { environment in
            try await withGatewayRoutes(environment) { _, client in
                let body = ["GET", "DELETE"].contains(method) ? nil : #"{"a":1}"#
                #expect(try await client.send(method, path, [:], body).status == 401)
                let response = try await client.send(
                    method, path, ["X-API-Key": "first", "Content-Type": "application/json"], body)
                #expect(response.status == 418)
                #expect(response.json["method"] == .string(method))
                #expect(response.json["uri"] == .string(path))
                #expect(response.json["body"] == .string(body ?? ""))
                let key = try testServiceKey().value
                #expect(response.json["key"] == .string(key))
                #expect(response.json["actor"]?.stringValue?.hasPrefix("api:") == true)
                #expect(response.json["apiKey"] == "")
                #expect(response.headers["X-Custom"] == "1")
            }
        }
    }

    @Test func `A redirect and a page for the browser pass without a key`() async throws {
        try await withPlanner { environment in
            try await withGatewayRoutes(environment) { _, client in
                let page = try await client.get("/callback?state=s&code=c")
                #expect(page.status == 200)
                #expect(page.text == "<p>signed in: s</p>")
                #expect(page.headers["Content-Type"] == "text/html; charset=utf-8")
                #expect(page.headers["Content-Security-Policy"] == "default-src 'none'")
                let redirect = try await client.get("/callback?state=elsewhere")
                #expect(redirect.status == 302)
                #expect(redirect.headers["Location"] == "https://example.com/next")
            }
        }
    }

    @Test func `The address at which Spotify's redirect arrives is configurable`() async throws {
        try await withPlanner { environment in
            let environment = environment.merging(["SPOTIFY_REDIRECT_URI": "https://hdm.example.com/back"]) { $1 }
            try await withGatewayRoutes(environment) { _, client in
                let page = try await client.get("/back?state=s")
                #expect(page.text == "<p>signed in: s</p>")
            }
        }
    }

    @Test(arguments: ["/api/v1/spotify/../downloads", "/api/v1/watchlist/%2E%2e/internal/x", "/api/v1/oauth/./x"])
    func `A path with dot segments is not forwarded`(_ path: String) async throws {
        try await withPlanner { environment in
            try await withGatewayRoutes(environment) { _, client in
                let response = try await client.get(path, ["X-API-Key": "first"])
                #expect(response.status == 404)
                #expect(response.headers["X-Custom"] == nil)
            }
        }
    }

    @Test func `Without the planner its routes fail with the reason and what to do`() async throws {
        // Port 1 has no server.
        try await withGatewayRoutes(["HDM_PLANNER_URL": "http://127.0.0.1:1"]) { _, client in
            for path in ["/api/v1/watchlist", "/callback"] {
                let response = try await client.get(path)
                #expect(response.status == 503)
                #expect(response.json["error"]?["code"] == "DEPENDENCY_ERROR")
                let text = response.json["error"]?["message"]?.stringValue ?? ""
                #expect(text.contains("hdm planner") && text.contains("HDM_PLANNER_URL"))
            }
        }
    }

    @Test func `A page of another origin cannot change anything, here or at the planner`() async throws {
        try await withPlanner { environment in
            try await withGatewayRoutes(environment) { _, client in
                for path in ["/api/v1/downloads", "/api/v1/watchlist"] {
                    let response = try await client.post(
                        path, "{}", ["X-API-Key": "first", "Origin": "https://evil.example.com"])
                    #expect(response.status == 403)
                }
            }
        }
    }

    // MARK: - A planner that hangs

    @Test func `While the planner hangs, submissions are answered`() async throws {
        let planner = HangingServer()
        try await withServer(planner.router) { port in
            try await withGatewayRoutes(["HDM_PLANNER_URL": "http://127.0.0.1:\(port)"]) { _, client in
                try await withThrowingTaskGroup(of: Int.self) { group in
                    group.addTask { try await client.get("/api/v1/watchlist").status }
                    try await eventually("the planner has the request") { planner.pending == 1 }
                    for number in 0..<20 {
                        let response = try await client.post(
                            "/api/v1/downloads",
                            #"{"items":[{"artist":"A","title":"\#(number)"},{"link":"spotify:saved"}]}"#)
                        #expect(response.status == 202)
                    }
                    #expect(planner.pending == 1)
                    planner.release()
                    #expect(try await group.next() == 200)
                }
            }
        }
    }

    @Test func `Requests beyond the limit fail immediately while the planner hangs, and submissions are answered`()
        async throws
    {
        let planner = HangingServer()
        try await withServer(planner.router) { port in
            try await withGatewayRoutes(["HDM_PLANNER_URL": "http://127.0.0.1:\(port)"]) { _, client in
                try await withThrowingTaskGroup(of: Int.self) { group in
                    for _ in 0..<ProxyClient.limit {
                        group.addTask { try await client.get("/api/v1/watchlist").status }
                    }
                    try await eventually("the planner has all requests") { planner.pending == ProxyClient.limit }
                    let response = try await client.get("/api/v1/watchlist")
                    #expect(response.status == 503)
                    #expect(response.json["error"]?["message"]?.stringValue?.contains("64 earlier requests") == true)
                    for number in 0..<20 {
                        let submitted = try await client.post(
                            "/api/v1/downloads", #"{"items":[{"artist":"A","title":"\#(number)"}]}"#)
                        #expect(submitted.status == 202)
                    }
                    #expect(planner.pending == ProxyClient.limit)
                    planner.release()
                    for try await status in group { #expect(status == 200) }
                }
            }
        }
    }

    /// Runs a server that echoes requests, and passes the settings of a gateway with an API key that uses it.
    private func withPlanner(_ test: @escaping @Sendable ([String: String]) async throws -> Void) async throws {
        let router = Router()
        for path: RouterPath in ["/callback", "/back"] {
            router.get(path) { request, _ in
                guard request.query("state") != "elsewhere" else {
                    return Response(status: .found, headers: [.location: "https://example.com/next"])
                }
                let page = "<p>signed in: \(request.query("state") ?? "")</p>"
                return Response(
                    status: .ok,
                    headers: [
                        .contentType: "text/html; charset=utf-8", .contentSecurityPolicy: "default-src 'none'",
                    ],
                    body: ResponseBody(byteBuffer: .init(string: page)))
            }
        }
        for method in [HTTPRequest.Method.get, .post, .patch, .delete] {
            router.on("**", method: method) { request, _ in
                let body = String(buffer: try await request.body.collect(upTo: 1 << 20))
                let echo = [
                    "method": request.method.rawValue, "uri": request.uri.string, "body": body,
                    "key": request.header(ServiceKey.header) ?? "", "actor": request.header("X-HDM-Actor") ?? "",
                    "apiKey": request.header("X-API-Key") ?? "",
                ]
                return JSONResponse(echo, status: .init(code: 418), headers: Self.custom)
            }
        }
        try await withServer(router) { port in
            try await test(["HDM_PLANNER_URL": "http://127.0.0.1:\(port)", "HARMONY_API_KEYS": "first"])
        }
    }

    private static let custom: HTTPFields = {
        var fields = HTTPFields()
        if let name = HTTPField.Name("X-Custom") { fields[name] = "1" }
        return fields
    }()
}

/// A server that accepts requests and responds only when it is released.
final class HangingServer: Sendable {
    private struct State {
        var waiting: [CheckedContinuation<Void, Never>] = []
        var isReleased = false
    }

    private let state = Mutex(State())

    /// How many requests have no response.
    var pending: Int { state.withLock { $0.waiting.count } }

    var router: Router<BasicRequestContext> {
        let router = Router()
        router.get("**") { _, _ in
            await self.wait()
            return "done"
        }
        return router
    }

    private func wait() async {
        await withCheckedContinuation { continuation in
            let isReleased = state.withLock { state in
                if !state.isReleased { state.waiting.append(continuation) }
                return state.isReleased
            }
            if isReleased { continuation.resume() }
        }
    }

    /// Responds to all requests, pending and later ones.
    func release() {
        let waiting = state.withLock { state in
            state.isReleased = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }
}
