import Foundation
import Glibc

/// One HTTP request on a connection of its own, with nothing in between that could send it twice.
struct PlainRequest: Sendable {
    let method: String
    var path: String
    var headers: [String: String] = [:]
    var body = Data()

    /// The connection could not be made, or ended before an answer.
    struct NoResponse: Error {}

    /// Sends it to a port of the loopback; a cancelled task closes the connection. It waits on a thread of its own, for
    /// the shared ones are few.
    func send(to port: Int) async throws -> FakeSlskdFixture.Answer {
        let socket = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard socket >= 0 else { throw NoResponse() }
        defer { close(socket) }
        let data = try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                Thread.detachNewThread { continuation.resume(with: Result { try exchange(socket, port) }) }
            }
        } onCancel: {
            shutdown(socket, Int32(SHUT_RDWR))
        }
        return try Self.answer(data)
    }

    private func exchange(_ socket: Int32, _ port: Int) throws -> Data {
        try Self.connect(socket, port)
        var lines = ["\(method) \(path) HTTP/1.1", "Host: 127.0.0.1", "Connection: close"]
        lines += headers.map { "\($0.key): \($0.value)" }
        if !body.isEmpty { lines.append("Content-Length: \(body.count)") }
        let message = Data((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8) + body
        let sent = message.withUnsafeBytes {
            Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
        }
        guard sent == message.count else { throw NoResponse() }
        var answer = Data()
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while case let count = recv(socket, &buffer, buffer.count, 0), count > 0 { answer += buffer[..<count] }
        return answer
    }

    private static func connect(_ socket: Int32, _ port: Int) throws {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else { throw NoResponse() }
    }

    private static func answer(_ data: Data) throws -> FakeSlskdFixture.Answer {
        guard let end = data.range(of: Data("\r\n\r\n".utf8)) else { throw NoResponse() }
        let lines = String(decoding: data[..<end.lowerBound], as: UTF8.self).components(separatedBy: "\r\n")
        guard let status = lines.first?.split(separator: " ").dropFirst().first.flatMap({ Int($0) }) else {
            throw NoResponse()
        }
        var answer = FakeSlskdFixture.Answer(status: status, body: Data(data[end.upperBound...]))
        for line in lines.dropFirst() {
            let name = line.prefix { $0 != ":" }
            answer.headers[name.lowercased()] = line.dropFirst(name.count + 1).trimmingCharacters(in: .whitespaces)
        }
        return answer
    }
}
