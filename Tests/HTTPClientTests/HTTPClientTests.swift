import Foundation
import HTTPClient
import Hummingbird
import Synchronization
import Testing

@Suite struct `HTTP client` {
    private func withClient(limit: Int = 64, _ use: (HTTPClient) async throws -> Void) async throws {
        let client = HTTPClient(userAgent: "test/1", maxConcurrentTransfers: limit)
        do { try await use(client) } catch {
            await client.close()
            throw error
        }
        await client.close()
    }

    @Test(arguments: HTTPMethod.allCases) func `the server receives method, headers and body`(
        method: HTTPMethod
    ) async throws {
        let seen = Mutex<[String]>([])
        try await withServer { router in
            router.on("/echo", method: .init(rawValue: method.rawValue) ?? .get) { request, _ in
                let body = try await request.body.collect(upTo: 1 << 20)
                seen.withLock {
                    $0 = [
                        request.headers[.userAgent] ?? "-", request.headers[.contentType] ?? "-",
                        String(buffer: body), request.uri.query ?? "-",
                    ]
                }
                return Response(status: .accepted)
            }
        } use: { base in
            try await withClient { client in
                let body = method == .get || method == .head ? nil : Data("[1]".utf8)
                let response = try await client.send(
                    HTTPClient.Request(
                        method, base + "/echo?a=b", headers: ["Content-Type": "application/json"], body: body))
                #expect(response.status == 202)
                #expect(seen.withLock { $0 } == ["test/1", "application/json", body == nil ? "" : "[1]", "a=b"])
            }
        }
    }

    @Test func `a POST without a body or a content type sends neither`() async throws {
        try await withServer { router in
            router.post("/") { request, _ in
                "\(request.headers[.contentLength] ?? "-") \(request.headers[.contentType] ?? "-")"
            }
        } use: { base in
            try await withClient { client in
                let response = try await client.send(HTTPClient.Request(.post, base + "/"))
                #expect(String(decoding: response.body, as: UTF8.self) == "0 -")
            }
        }
    }

    @Test func `header names are case-insensitive and can repeat`() async throws {
        let server = try ScriptedServer(
            "HTTP/1.1 100 Continue\r\nX-A: no\r\n\r\nHTTP/1.1 404 No\r\nX-A: 1\r\nx-a:  2 \r\nContent-Length: 2\r\n\r\nhi",
            .close)
        try await withClient { client in
            let response = try await client.send(HTTPClient.Request(.get, "http://127.0.0.1:\(server.port)/"))
            #expect(response.status == 404)
            #expect(response.headers.all("X-a") == ["1", "2"])
            #expect(response.headers["content-LENGTH"] == "2")
            #expect(response.body == Data("hi".utf8))
        }
    }

    @Test func `a compressed response is decompressed`() async throws {
        let packed = Data(base64Encoded: "H4sIAAAAAAACA8tIzcnJVyjPL8pJAQCFEUoNCwAAAA==") ?? Data()
        let head = "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: \(packed.count)\r\n\r\n"
        let server = try ScriptedServer([(Data(head.utf8) + packed, .close)])
        try await withClient { client in
            let response = try await client.send(HTTPClient.Request(.get, "http://127.0.0.1:\(server.port)/"))
            #expect(String(decoding: response.body, as: UTF8.self) == "hello world")
        }
    }

    @Test func `a slow response times out with an error that has the server but not the query`() async throws {
        let server = try ScriptedServer("", .waitForPeer)
        try await withClient { client in
            let url = "http://user:secret@127.0.0.1:\(server.port)/path?token=secret"
            let error = await #expect(throws: HTTPClientError.self) {
                try await client.send(HTTPClient.Request(.get, url, timeout: .milliseconds(200)))
            }
            #expect(error == .timedOut(endpoint: "127.0.0.1:\(server.port)"))
            #expect(error?.description == "127.0.0.1:\(server.port) did not respond in time")
        }
    }

    @Test func `a stalled response times out`() async throws {
        let server = try ScriptedServer("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc", .waitForPeer)
        try await withClient { client in
            await #expect(throws: HTTPClientError.timedOut(endpoint: "127.0.0.1:\(server.port)")) {
                try await client.send(
                    HTTPClient.Request(
                        .get, "http://127.0.0.1:\(server.port)/", timeout: nil, stallTimeout: .milliseconds(500)))
            }
        }
    }

    @Test func `a connection to a port without a server fails`() async throws {
        let port = try freePort()
        try await withClient { client in
            let error = await #expect(throws: HTTPClientError.self) {
                try await client.send(HTTPClient.Request(.get, "http://127.0.0.1:\(port)/?token=secret"))
            }
            #expect(error?.isRetriable == true)
            #expect(error?.description.contains("127.0.0.1:\(port)") == true)
            #expect(error?.description.contains("secret") == false)
        }
    }

    @Test(arguments: [ScriptedServer.Ending.reset, .close])
    func `a lost connection is an error, also within a body`(
        ending: ScriptedServer.Ending
    ) async throws {
        for response in ["", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"] {
            let server = try ScriptedServer(response, ending)
            try await withClient { client in
                await #expect(throws: HTTPClientError.connectionLost(endpoint: "127.0.0.1:\(server.port)")) {
                    try await client.send(HTTPClient.Request(.get, "http://127.0.0.1:\(server.port)/"))
                }
            }
        }
    }

    @Test func `a plain HTTP server is refused for an https URL`() async throws {
        let server = try ScriptedServer("HTTP/1.1 200 OK\r\n\r\n", .close)
        try await withClient { client in
            let error = await #expect(throws: HTTPClientError.self) {
                try await client.send(HTTPClient.Request(.get, "https://127.0.0.1:\(server.port)/"))
            }
            guard case .tls(let endpoint, _) = error else {
                return #expect(Bool(false), "\(String(describing: error))")
            }
            #expect(endpoint == "127.0.0.1:\(server.port)")
        }
    }

    @Test(arguments: ["", "/relative", "file:///etc/hosts", "ftp://a/b", "http://", "http://a b/", "http://a/\u{0}b"])
    func `only absolute http URLs are accepted`(url: String) async throws {
        try await withClient { client in
            let error = await #expect(throws: HTTPClientError.self) {
                try await client.send(HTTPClient.Request(.get, url))
            }
            guard case .malformedURL = error else { return #expect(Bool(false), "\(String(describing: error))") }
        }
    }

    @Test(arguments: [("X", "a\r\nY: b"), ("X: Y", "b"), ("", "b"), ("X", "a\u{0}b")])
    func `a header that would smuggle something in is refused`(name: String, value: String) async throws {
        try await withClient { client in
            var request = HTTPClient.Request(.get, "http://127.0.0.1:1/")
            request.headers.append(name, value)
            await #expect(throws: HTTPClientError.malformedHeader(name: name)) { try await client.send(request) }
        }
    }

    @Test func `redirects are followed only if allowed, and only to http and https`() async throws {
        try await withServer { router in
            router.get("/from") { _, _ in Response(status: .found, headers: [.location: "/to"]) }
            router.get("/to") { _, _ in "there" }
            router.get("/out") { _, _ in Response(status: .found, headers: [.location: "file:///etc/hosts"]) }
        } use: { base in
            try await withClient { client in
                #expect(try await client.send(HTTPClient.Request(.get, base + "/from")).status == 302)
                let followed = try await client.send(HTTPClient.Request(.get, base + "/from", maxRedirects: 1))
                #expect(followed.body == Data("there".utf8))
                #expect(followed.headers["location"] == nil)
                await #expect(throws: HTTPClientError.self) {
                    try await client.send(HTTPClient.Request(.get, base + "/out", maxRedirects: 1))
                }
            }
        }
    }

    @Test func `a body above the limit is refused, with and without Content-Length`() async throws {
        let body = String(repeating: "x", count: 2000)
        for head in ["Content-Length: 2000\r\n", ""] {
            let server = try ScriptedServer("HTTP/1.1 200 OK\r\n\(head)\r\n\(body)", .close)
            try await withClient { client in
                let url = "http://127.0.0.1:\(server.port)/"
                await #expect(throws: HTTPClientError.tooLarge(endpoint: "127.0.0.1:\(server.port)", limit: 1999)) {
                    try await client.send(HTTPClient.Request(.get, url, maxBodyBytes: 1999))
                }
                let response = try await client.send(HTTPClient.Request(.get, url, maxBodyBytes: 2000))
                #expect(response.body.count == 2000)
            }
        }
    }

    @Test func `headers above the limit are refused`() async throws {
        let line = "X-Pad: \(String(repeating: "x", count: 8000))\r\n"
        let head = "HTTP/1.1 200 OK\r\n" + String(repeating: line, count: 60)
        let server = try ScriptedServer(head, .waitForPeer)
        try await withClient { client in
            await #expect(throws: HTTPClientError.self) {
                try await client.send(HTTPClient.Request(.get, "http://127.0.0.1:\(server.port)/"))
            }
        }
    }

    @Test func `a thousand sequential requests use at most two connections`() async throws {
        let ports = Mutex<Set<Int>>([])
        try await withServer { router in
            router.get("/") { _, context in
                ports.withLock { _ = $0.insert(context.peerPort ?? 0) }
                return "ok"
            }
        } use: { base in
            try await withClient { client in
                for _ in 0..<1000 {
                    let response = try await client.send(HTTPClient.Request(.get, base + "/"))
                    #expect(response.status == 200)
                }
            }
        }
        #expect(ports.withLock { $0.count } <= 2)
    }

    @Test func `two hundred concurrent requests all succeed within the transfer limit`() async throws {
        let inFlight = Counter()
        try await withServer { router in
            router.get("/:number") { _, context in
                inFlight.add()
                defer { inFlight.add(-1) }
                try await Task.sleep(for: .milliseconds(20))
                return try context.parameters.require("number")
            }
        } use: { base in
            try await withClient(limit: 16) { client in
                try await withThrowingTaskGroup(of: Bool.self) { group in
                    for number in 0..<200 {
                        group.addTask {
                            try await client.send(HTTPClient.Request(.get, "\(base)/\(number)")).body
                                == Data("\(number)".utf8)
                        }
                    }
                    for try await isEqual in group { #expect(isEqual) }
                }
            }
        }
        #expect(inFlight.highest > 1)
        #expect(inFlight.highest <= 16)
    }
}
