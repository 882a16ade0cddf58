import Foundation
import NIOCore

/// A TCP port that stays reserved for a server of this process until the reservation is released.
///
/// The socket is bound and does not listen. The system gives its port to no other program, and a server of the same
/// process can still listen on it, because both set `SO_REUSEADDR`. So no program can take the port in between.
final class PortReservation: Sendable {
    let port: Int
    private let socket: Int32

    /// Reserves a free port.
    /// - Parameter host: a name or an address of this machine.
    /// - Throws: ``SettingsError`` when the host has no address that can be bound.
    init(host: String) throws(SettingsError) {
        do {
            let address = try SocketAddress.makeAddressResolvingHost(host, port: 0)
            (socket, port) = try Self.bind(address)
        } catch {
            throw SettingsError("HDM_HTTP_HOST", "is \(host), on which no port can be reserved: \(error)")
        }
    }

    deinit { close(socket) }

    private static func bind(_ address: SocketAddress) throws -> (socket: Int32, port: Int) {
        let family = address.withSockAddr { address, _ in Int32(address.pointee.sa_family) }
        let socket = Foundation.socket(family, streamType | closeOnExec, 0)
        guard socket >= 0 else { throw PortError() }
        do {
            var enabled: Int32 = 1
            let size = socklen_t(MemoryLayout<Int32>.size)
            guard setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &enabled, size) == 0,
                address.withSockAddr({ Foundation.bind(socket, $0, socklen_t($1)) }) == 0
            else { throw PortError() }
            return (socket, try port(of: socket))
        } catch {
            close(socket)
            throw error
        }
    }

    private static func port(of socket: Int32) throws -> Int {
        var storage = sockaddr_storage()
        var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let status = withUnsafeMutablePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(socket, $0, &size) }
        }
        guard status == 0 else { throw PortError() }
        // The port is at the same place in the addresses of IPv4 and IPv6.
        return withUnsafeBytes(of: &storage) { Int($0[2]) << 8 | Int($0[3]) }
    }

    #if os(Linux)
    private static let streamType = Int32(SOCK_STREAM.rawValue)
    private static let closeOnExec = Int32(SOCK_CLOEXEC.rawValue)
    #else
    private static let streamType = SOCK_STREAM
    private static let closeOnExec: Int32 = 0
    #endif
}

/// The system's reason why a port cannot be reserved.
private struct PortError: Error, CustomStringConvertible {
    let description = String(cString: strerror(errno))
}
