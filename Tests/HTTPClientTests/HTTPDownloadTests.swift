import Foundation
import HTTPClient
import Hummingbird
import Synchronization
import Testing

@Suite struct `Downloading to a file` {
    private let client = HTTPClient(userAgent: "test/1")

    @Test func `an answer becomes a file, and progress is told`() async throws {
        let content = Data((0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) })
        let progress = Mutex<[HTTPProgress]>([])
        try await withFolder { folder in
            try await withServer { router in
                router.get("/") { _, _ in Response(status: .ok, body: .init(byteBuffer: ByteBuffer(bytes: content))) }
            } use: { base in
                let file = folder.appending(path: "cover.jpg")
                let answer = try await client.download(
                    HTTPClient.Request(.get, base + "/"), to: file, maxBytes: 3_000_000
                ) { step in progress.withLock { $0.append(step) } }
                #expect(answer.status == 200)
                #expect(answer.body.isEmpty)
                #expect(try Data(contentsOf: file) == content)
                #expect(try names(in: folder) == ["cover.jpg"])
                #expect(progress.withLock { $0.last } == HTTPProgress(received: 3_000_000, expected: 3_000_000))
            }
        }
        await client.close()
    }

    @Test func `an empty answer becomes an empty file`() async throws {
        let server = try ScriptedServer("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", .close)
        try await withFolder { folder in
            let file = folder.appending(path: "a")
            _ = try await client.download(server.request, to: file, maxBytes: 10)
            #expect(try Data(contentsOf: file).isEmpty)
        }
        await client.close()
    }

    @Test func `a refusal makes no file and keeps its text`() async throws {
        let server = try ScriptedServer("HTTP/1.1 404 No\r\nContent-Length: 4\r\n\r\ngone", .close)
        try await withFolder { folder in
            let answer = try await client.download(server.request, to: folder.appending(path: "a"), maxBytes: 1)
            #expect(answer.status == 404)
            #expect(answer.body == Data("gone".utf8))
            try expectEmpty(folder)
        }
        await client.close()
    }

    @Test func `a file that is there already is never replaced`() async throws {
        let server = try ScriptedServer("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nnew", .close)
        try await withFolder { folder in
            let file = folder.appending(path: "a")
            try Data("old".utf8).write(to: file)
            await #expect(throws: HTTPClientError.file(step: "named", code: EEXIST)) {
                try await client.download(server.request, to: file, maxBytes: 10)
            }
            #expect(try Data(contentsOf: file) == Data("old".utf8))
            #expect(try names(in: folder) == ["a"])
        }
        await client.close()
    }

    @Test func `an answer that is too large or breaks off leaves nothing`() async throws {
        let server = try ScriptedServer("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabcd", .reset)
        let endless = try ScriptedServer("HTTP/1.1 200 OK\r\n\r\nabcd", .close)
        try await withFolder { folder in
            let file = folder.appending(path: "a")
            await #expect(throws: HTTPClientError.connectionLost(endpoint: "127.0.0.1:\(server.port)")) {
                try await client.download(server.request, to: file, maxBytes: 10)
            }
            await #expect(throws: HTTPClientError.tooLarge(endpoint: "127.0.0.1:\(endless.port)", limit: 3)) {
                try await client.download(endless.request, to: file, maxBytes: 3)
            }
            try expectEmpty(folder)
        }
        await client.close()
    }

    @Test func `a folder that does not exist is an error of the file`() async throws {
        let server = try ScriptedServer("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na", .close)
        try await withFolder { folder in
            await #expect(throws: HTTPClientError.file(step: "created", code: ENOENT)) {
                try await client.download(server.request, to: folder.appending(path: "no/a"), maxBytes: 10)
            }
        }
        await client.close()
    }

    @Test func `a cancelled or closed download leaves nothing`() async throws {
        let server = try ScriptedServer("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabcd", .waitForPeer)
        for isClosed in [false, true] {
            let client = HTTPClient(userAgent: "test/1")
            try await withFolder { folder in
                let task = Task {
                    try await client.download(server.request, to: folder.appending(path: "a"), maxBytes: 10)
                }
                let hasBegun = try await eventually { (try? names(in: folder).count) == 1 }
                #expect(hasBegun)
                if isClosed { await client.close() } else { task.cancel() }
                await #expect(throws: isClosed ? HTTPClientError.closed : .cancelled) { try await task.value }
                try expectEmpty(folder)
            }
            await client.close()
        }
    }

    @Test func `a broken download is tried again`() async throws {
        let server = try ScriptedServer([
            (Data("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nab".utf8), .reset),
            (Data("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nabcd".utf8), .close),
        ])
        try await withFolder { folder in
            let file = folder.appending(path: "a")
            let policy = HTTPRetryPolicy(maxAttempts: 2, baseDelay: .milliseconds(1))
            _ = try await client.download(server.request, to: file, maxBytes: 10, retry: policy)
            #expect(try Data(contentsOf: file) == Data("abcd".utf8))
            #expect(try names(in: folder) == ["a"])
        }
        await client.close()
    }
}

private func expectEmpty(_ folder: URL) throws {
    #expect(try names(in: folder).isEmpty)
}

extension ScriptedServer {
    fileprivate var request: HTTPClient.Request { HTTPClient.Request(.get, "http://127.0.0.1:\(port)/") }
}
