import Foundation
import Synchronization

/// Ports of the loopback interface that nobody listens on at the moment.
///
/// Below the range from which the system serves outgoing connections (32768 and up on Linux), so that none of them takes
/// a port before its owner does.
public enum FreePorts {
    /// Could not be had from the system.
    public struct Unavailable: Error {}

    private static let range = 20_000...32_000
    private static let attempts = 200
    /// Handed out before: who asked for one may not listen on it yet.
    private static let taken = Mutex<Set<Int>>([])

    /// Takes several at once, so that they differ.
    public static func take(_ count: Int) throws -> [Int] {
        var sockets: [Int32] = []
        defer { for socket in sockets { close(socket) } }
        return try (0..<count).map { _ in
            for _ in 0..<attempts {
                let port = Int.random(in: range)
                guard taken.withLock({ $0.insert(port).inserted }), let socket = try bound(to: port) else { continue }
                sockets.append(socket)
                return port
            }
            throw Unavailable()
        }
    }

    /// - Returns: `nil` when somebody has the port.
    private static func bound(to port: Int) throws -> Int32? {
        let socket = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard socket >= 0 else { throw Unavailable() }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        address.sin_port = UInt16(port).bigEndian
        let status = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard status == 0 else {
            close(socket)
            return nil
        }
        return socket
    }
}
