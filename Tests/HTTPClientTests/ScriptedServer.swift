import Foundation
import Synchronization

/// A server that sends given bytes on each connection, independent of the request, and then closes it.
final class ScriptedServer: Sendable {
    enum Ending: Sendable {
        /// An orderly close.
        case close
        /// A reset, as after the crash of a process.
        case reset
        /// Waits until the peer closes the connection.
        case waitForPeer
    }

    let port: Int
    let connections = Counter()
    /// The number of connections that the peer closed.
    let closedByPeer = Counter()
    private let listener: Int32

    /// The nth connection gets the nth response; further connections get the last one.
    init(_ responses: [(Data, Ending)]) throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let port: Int? = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { raw in
                guard bind(listener, raw, length) == 0, listen(listener, 64) == 0,
                    getsockname(listener, raw, &length) == 0
                else { return nil }
                return raw.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { Int($0.pointee.sin_port.bigEndian) }
            }
        }
        guard let port else { throw ServerDidNotStart() }
        self.port = port
        self.listener = listener
        let connections = connections
        let closedByPeer = closedByPeer
        Thread {
            while true {
                let peer = accept(listener, nil, nil)
                guard peer >= 0 else { break }
                let response = responses[min(connections.add(), responses.count) - 1]
                Thread { Self.serve(peer, response.0, response.1, closedByPeer) }.start()
            }
            // Closed only here: otherwise the next accept could use another socket with the same number.
            close(listener)
        }.start()
    }

    convenience init(_ response: String, _ ending: Ending) throws {
        try self.init([(Data(response.utf8), ending)])
    }

    deinit { shutdown(listener, Int32(SHUT_RDWR)) }

    private static func serve(_ peer: Int32, _ response: Data, _ ending: Ending, _ closedByPeer: Counter) {
        var buffer = [UInt8](repeating: 0, count: 65536)
        _ = recv(peer, &buffer, buffer.count, 0)
        _ = response.withUnsafeBytes { send(peer, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
        switch ending {
        case .close: break
        case .reset:
            var linger = linger(l_onoff: 1, l_linger: 0)
            setsockopt(peer, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<linger>.size))
        case .waitForPeer:
            while recv(peer, &buffer, buffer.count, 0) > 0 {}
            closedByPeer.add()
        }
        close(peer)
    }
}

/// Returns a port of the loopback interface on which no server listens.
func freePort() throws -> Int {
    let server = try ScriptedServer("", .close)
    return server.port
}
