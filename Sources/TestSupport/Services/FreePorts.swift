import Foundation
import Synchronization

/// Finds free ports of the loopback interface.
///
/// The ports are below the range of outgoing connections (32768 and above on Linux), so that no outgoing connection can
/// use one before its owner.
public enum FreePorts {
    /// The system has no free port.
    public struct Unavailable: Error {}

    private static let range = 20_000...32_000
    private static let attempts = 200
    /// The returned ports. Their owners may not listen on them yet.
    private static let reserved = Mutex<Set<Int>>([])

    /// Returns several different ports, each only once in this process.
    public static func reserve(_ count: Int) throws -> [Int] {
        var sockets: [Int32] = []
        defer { for socket in sockets { close(socket) } }
        return try (0..<count).map { _ in
            for _ in 0..<attempts {
                let port = Int.random(in: range)
                guard reserved.withLock({ $0.insert(port).inserted }), let socket = try bound(to: port) else {
                    continue
                }
                sockets.append(socket)
                return port
            }
            throw Unavailable()
        }
    }

    /// - Returns: A bound socket; `nil` if the port is in use.
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
