import Foundation

/// TCP sockets of the loopback interface.
enum LocalSocket {
    /// A system call failed.
    struct Failure: Error { let call: String, number: Int32 }

    /// - Parameter port: 0 for a free one.
    static func listen(on port: UInt16) throws -> (listener: Int32, port: UInt16) {
        let listener = try checked("socket", socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0))
        var yes: Int32 = 1
        setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        try withLoopback(port) { try checked("bind", bind(listener, $0, $1)) }
        try checked("listen", Foundation.listen(listener, 64))
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(listener, $0, &length) }
        }
        try checked("getsockname", status)
        return (listener, UInt16(bigEndian: address.sin_port))
    }

    static func connect(to port: UInt16) throws -> Int32 {
        let descriptor = try checked("socket", socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0))
        do {
            try withLoopback(port) { try checked("connect", Foundation.connect(descriptor, $0, $1)) }
        } catch {
            close(descriptor)
            throw error
        }
        return descriptor
    }

    /// Sends all bytes.
    /// - Returns: `false` if the other side is gone.
    static func send(_ bytes: ArraySlice<UInt8>, to socket: Int32) -> Bool {
        bytes.withUnsafeBytes { bytes in
            var sent = 0
            while sent < bytes.count {
                let rest = UnsafeRawBufferPointer(rebasing: bytes[sent...])
                let count = Foundation.send(socket, rest.baseAddress, rest.count, Int32(MSG_NOSIGNAL))
                guard count > 0 else { return false }
                sent += count
            }
            return true
        }
    }

    private static func withLoopback(
        _ port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) throws -> Int32
    ) throws {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        _ = try withUnsafePointer(to: &address) { pointer in
            try pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                try body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }

    @discardableResult
    private static func checked(_ call: String, _ result: Int32) throws -> Int32 {
        guard result >= 0 else { throw Failure(call: call, number: errno) }
        return result
    }
}
