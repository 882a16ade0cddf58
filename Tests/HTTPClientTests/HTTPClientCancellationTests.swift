import Foundation
import HTTPClient
import TestSupport
import Testing

@Suite struct `HTTP client, cancellation and closing` {

    @Test func `the cancellation of a task ends its transfer immediately`() async throws {
        let server = try ScriptedServer("", .waitForPeer)
        let client = HTTPClient(userAgent: "test/1")
        let task = Task { try await client.send(HTTPRequest(.get, "http://127.0.0.1:\(server.port)/", timeout: nil)) }
        try await eventually { server.connections.value == 1 }
        task.cancel()
        // The server never responds, so that only the cancellation can end the transfer.
        await #expect(throws: HTTPClientError.cancelled) { try await task.value }
        try await eventually { server.closedByPeer.value == 1 }
        await client.close()
    }

    @Test func `a cancelled task sends nothing`() async throws {
        let server = try ScriptedServer("HTTP/1.1 200 OK\r\n\r\n", .close)
        let client = HTTPClient(userAgent: "test/1")
        await withTaskGroup(of: Void.self) { group in
            group.cancelAll()
            group.addTask {
                await #expect(throws: HTTPClientError.cancelled) {
                    try await client.send(HTTPRequest(.get, "http://127.0.0.1:\(server.port)/"))
                }
            }
        }
        #expect(server.connections.value == 0)
        await client.close()
    }

    @Test func `a queued request can be cancelled while the first one continues`() async throws {
        let server = try ScriptedServer("", .waitForPeer)
        let client = HTTPClient(userAgent: "test/1", maxConcurrentTransfers: 1)
        let request = HTTPRequest(.get, "http://127.0.0.1:\(server.port)/", timeout: nil)
        let first = Task { try await client.send(request) }
        try await eventually { server.connections.value == 1 }
        let second = Task { try await client.send(request) }
        second.cancel()
        await #expect(throws: HTTPClientError.cancelled) { try await second.value }
        await withTaskGroup(of: Void.self) { group in
            group.cancelAll()
            group.addTask {
                await #expect(throws: HTTPClientError.cancelled) { try await client.send(request) }
            }
        }
        #expect(server.closedByPeer.value == 0)
        await client.close()
        await #expect(throws: HTTPClientError.closed) { try await first.value }
    }

    @Test func `a delay between attempts can be cancelled`() async throws {
        let server = try ScriptedServer("HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n", .close)
        let client = HTTPClient(userAgent: "test/1")
        let policy = HTTPRetryPolicy(maxAttempts: 2, baseDelay: .seconds(600), maxDelay: .seconds(600))
        let task = Task { try await client.send(HTTPRequest(.get, "http://127.0.0.1:\(server.port)/"), retry: policy) }
        try await eventually { server.connections.value == 1 }
        task.cancel()
        await #expect(throws: HTTPClientError.cancelled) { try await task.value }
        await client.close()
    }

    @Test func `closing the client ends transfers and connections and refuses further requests`() async throws {
        let server = try ScriptedServer("", .waitForPeer)
        let client = HTTPClient(userAgent: "test/1")
        let request = HTTPRequest(.get, "http://127.0.0.1:\(server.port)/", timeout: nil)
        let task = Task { try await client.send(request) }
        try await eventually { server.connections.value == 1 }
        await client.close()
        await #expect(throws: HTTPClientError.closed) { try await task.value }
        await #expect(throws: HTTPClientError.closed) { try await client.send(request) }
        try await eventually { server.closedByPeer.value == 1 }
        await client.close()
    }

    @Test func `a released client closes its pooled connections`() async throws {
        let server = try ScriptedServer("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", .waitForPeer)
        do {
            let client = HTTPClient(userAgent: "test/1")
            #expect(try await client.send(HTTPRequest(.get, "http://127.0.0.1:\(server.port)/")).status == 200)
        }
        try await eventually { server.closedByPeer.value == 1 }
    }

    @Test func `many requests that are cancelled and closed in any order all complete`() async throws {
        let server = try ScriptedServer("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", .close)
        for round in 0..<20 {
            let client = HTTPClient(userAgent: "test/1", maxConcurrentTransfers: 3)
            await withTaskGroup(of: Void.self) { group in
                for number in 0..<20 {
                    group.addTask { await client.ending(port: server.port, cancelled: (number + round) % 3 == 0) }
                }
                if round % 2 == 0 { await client.close() }
            }
            await client.close()
        }
    }
}

extension HTTPClient {
    fileprivate func ending(port: Int, cancelled: Bool) async {
        let task = Task { try await send(HTTPRequest(.get, "http://127.0.0.1:\(port)/")) }
        if cancelled { task.cancel() }
        switch await task.result {
        case .success(let response): #expect(response.status == 200)
        case .failure(let error as HTTPClientError): #expect(error == .cancelled || error == .closed)
        case .failure(let error): Issue.record(error)
        }
    }
}
