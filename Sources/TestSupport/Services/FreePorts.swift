import Foundation

/// Ports of the loopback interface that nobody listens on at the moment.
enum FreePorts {
    /// Could not be had from the system.
    struct Unavailable: Error {}

    /// Takes several at once, so that they differ.
    static func take(_ count: Int) throws -> [Int] {
        var sockets: [Int32] = []
        defer { for socket in sockets { close(socket) } }
        return try (0..<count).map { _ in
            let socket = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            guard socket >= 0 else { throw Unavailable() }
            sockets.append(socket)
            return try port(of: socket)
        }
    }

    private static func port(of socket: Int32) throws -> Int {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        return try withUnsafeMutablePointer(to: &address) { pointer in
            try pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                guard bind(socket, address, size) == 0, getsockname(socket, address, &size) == 0 else {
                    throw Unavailable()
                }
            }
            return Int(UInt16(bigEndian: pointer.pointee.sin_port))
        }
    }
}
