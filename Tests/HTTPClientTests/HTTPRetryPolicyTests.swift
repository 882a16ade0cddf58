import Foundation
import HTTPClient
import Testing

@Suite struct `HTTP retry policy` {
    private let policy = HTTPRetryPolicy(maxAttempts: 4, baseDelay: .seconds(1), maxDelay: .seconds(3), jitter: 0.5)

    private func delay(
        _ result: Result<HTTPResponse, HTTPClientError>, _ method: HTTPMethod = .get, attempt: Int = 1,
        chance: Double = 0, now: Date = Date()
    ) -> Duration? {
        policy.delay(after: result, method: method, attempt: attempt, chance: chance, now: now)
    }

    @Test func `delays double up to the maximum until the attempts are used up`() {
        let busy = Result<HTTPResponse, HTTPClientError>.success(HTTPResponse(status: 503))
        #expect((1...4).map { delay(busy, attempt: $0) } == [.seconds(1), .seconds(2), .seconds(3), nil])
        #expect(delay(busy, chance: 1) == .milliseconds(500))
    }

    @Test(arguments: [(408, true), (425, true), (429, true), (500, true), (599, true), (200, false), (404, false)])
    func `some statuses are worth another attempt`(status: Int, isRetried: Bool) {
        #expect((delay(.success(HTTPResponse(status: status))) != nil) == isRetried)
    }

    @Test func `lost connections are retried and final errors are not`() {
        #expect(delay(.failure(.connectionLost(endpoint: "a:1"))) != nil)
        #expect(delay(.failure(.couldNotConnect(endpoint: "a:1", reason: ""))) != nil)
        #expect(delay(.failure(.timedOut(endpoint: "a:1"))) != nil)
        #expect(delay(.failure(.cancelled)) == nil)
        #expect(delay(.failure(.tls(endpoint: "a:1", reason: ""))) == nil)
        #expect(delay(.failure(.tooLarge(endpoint: "a:1", limit: 1))) == nil)
    }

    @Test func `requests that are not idempotent are retried only if allowed`() {
        let busy = Result<HTTPResponse, HTTPClientError>.success(HTTPResponse(status: 503))
        #expect(delay(busy, .post) == nil)
        #expect(delay(busy, .put) != nil)
        var bold = policy
        bold.includesUnsafeMethods = true
        #expect(bold.delay(after: busy, method: .post, attempt: 1, chance: 0) == .seconds(1))
    }

    @Test func `Retry-After is honoured in seconds and as a date, and never shortened`() {
        let now = Date(timeIntervalSince1970: 784_111_777)
        func retryAfter(_ value: String) -> Duration? {
            delay(.success(HTTPResponse(status: 429, headers: ["Retry-After": value])), now: now)
        }
        #expect(retryAfter("7") == .seconds(7))
        #expect(retryAfter("0") == .seconds(1))
        #expect(retryAfter("Sun, 06 Nov 1994 08:49:42 GMT") == .seconds(5))
        #expect(retryAfter("Sunday, 06-Nov-94 08:49:42 GMT") == .seconds(5))
        #expect(retryAfter("Sun, 06 Nov 1994 08:00:00 GMT") == .seconds(1))
        #expect(retryAfter("61") == nil)
        #expect(retryAfter("99999999999999999999") == .seconds(1))
        #expect(retryAfter("soon") == .seconds(1))
        #expect(retryAfter("-5") == .seconds(1))
    }

    @Test func `a GET is retried after a reset connection and a POST is not`() async throws {
        let client = HTTPClient(userAgent: "test/1")
        for method in [HTTPMethod.get, .post] {
            let server = try ScriptedServer([
                (Data(), .reset), (Data("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".utf8), .close),
            ])
            let request = HTTPRequest(method, "http://127.0.0.1:\(server.port)/")
            let retry = HTTPRetryPolicy(maxAttempts: 2, baseDelay: .milliseconds(1))
            if method == .get {
                #expect(try await client.send(request, retry: retry).status == 200)
                #expect(server.connections.value == 2)
            } else {
                await #expect(throws: HTTPClientError.self) { try await client.send(request, retry: retry) }
                #expect(server.connections.value == 1)
            }
        }
        await client.close()
    }

    @Test func `the client waits for Retry-After before the next attempt`() async throws {
        let client = HTTPClient(userAgent: "test/1")
        let server = try ScriptedServer([
            (Data("HTTP/1.1 429 No\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n".utf8), .close),
            (Data("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".utf8), .close),
        ])
        let start = ContinuousClock.now
        let response = try await client.send(
            HTTPRequest(.get, "http://127.0.0.1:\(server.port)/"),
            retry: HTTPRetryPolicy(maxAttempts: 2, baseDelay: .milliseconds(1)))
        #expect(response.status == 200)
        #expect(ContinuousClock.now - start >= .seconds(1))
        await client.close()
    }

    @Test func `the last response is returned after the last attempt`() async throws {
        let client = HTTPClient(userAgent: "test/1")
        let server = try ScriptedServer("HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n", .close)
        let response = try await client.send(
            HTTPRequest(.get, "http://127.0.0.1:\(server.port)/"),
            retry: HTTPRetryPolicy(maxAttempts: 3, baseDelay: .milliseconds(1)))
        #expect(response.status == 503)
        #expect(server.connections.value == 3)
        await client.close()
    }
}
