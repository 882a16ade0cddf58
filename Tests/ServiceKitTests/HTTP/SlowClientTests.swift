import Foundation
import ServiceKit
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1)))
struct SlowClientTests {
    /// Opens a connection, sends a text, and returns the descriptor.
    private func connect(_ port: Int, sending text: String) throws -> Int32 {
        let client = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { Foundation.connect(client, $0, size) }
        }
        guard result == 0 else { throw NotInTime(description: "no connection to port \(port)") }
        _ = send(client, text, text.utf8.count, 0)
        return client
    }

    /// Whether the server has closed its end of the connection, by the kernel's table: the client cannot see that before it
    /// has read what the server has sent.
    private func isClosed(_ client: Int32) throws -> Bool {
        var address = sockaddr_in()
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(client, $0, &size) }
        }
        guard result == 0 else { throw NotInTime(description: "the client has no port") }
        let remote = String(format: ":%04X", Int(in_port_t(bigEndian: address.sin_port)))
        let established = "01"
        let connections = try String(contentsOfFile: "/proc/net/tcp", encoding: .utf8).split(separator: "\n")
            .dropFirst()
        return !connections.contains { line in
            let columns = line.split(separator: " ")
            return columns[2].hasSuffix(remote) && columns[3] == established
        }
    }

    @Test(
        "The connection of a client that is silent or does not read is closed, and others are answered",
        arguments: [
            "", "GET /live HTTP/1.1\r\nHost:", "POST /live HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhalf",
        ])
    func silence(_ text: String) async throws {
        try await ServiceHTTPFixture.run(idleLimit: .milliseconds(200)) { server async throws in
            let client = try connect(server.port, sending: text)
            defer { close(client) }
            try await eventually("the connection is closed") { try isClosed(client) }
            #expect(try await server.status(.get, "/live") == 200)
        }
    }

    @Test func `The connection of a client that does not read its response is closed`() async throws {
        try await ServiceHTTPFixture.run(idleLimit: .milliseconds(200)) { server async throws in
            let key = "\(ServiceKey.header): \(ServiceHTTPFixture.key)"
            let client = try connect(
                server.port, sending: "GET /api/v1/large HTTP/1.1\r\nHost: a\r\n\(key)\r\n\r\n")
            defer { close(client) }
            try await eventually("the connection is closed") { try isClosed(client) }
            #expect(try await server.status(.get, "/live") == 200)
        }
    }
}
