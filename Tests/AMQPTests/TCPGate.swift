import AMQP
import Foundation
import Synchronization

/// A TCP relay to a broker. While it is shut, connections are closed and new ones refused. While it holds, connections
/// stay open and nothing is forwarded.
final class TCPGate: Sendable {
    /// The address of the broker through the relay.
    let url: String
    private let target: BrokerAddress
    private let port: UInt16
    private let state = Mutex(State())
    private let valve = Valve()

    private struct State {
        var listener: Int32?
        var sockets: Set<Int32> = []
    }

    struct Failure: Error { let call: String, number: Int32 }

    init(to url: String) throws {
        target = try BrokerAddress(url: url)
        let (listener, port) = try Self.listen(on: 0)
        self.port = port
        self.url = url.replacing("\(target.host):\(target.port)", with: "127.0.0.1:\(port)")
        serve(listener)
    }

    func shut() {
        let (listener, sockets) = state.withLock { state in
            defer { state.listener = nil }
            return (state.listener, state.sockets)
        }
        if let listener { shutdown(listener, Int32(SHUT_RDWR)) }
        for socket in sockets { shutdown(socket, Int32(SHUT_RDWR)) }
    }

    func open() throws { serve(try Self.listen(on: port).0) }

    /// Forwards nothing until ``release()``. Connections stay open, and new ones are accepted.
    func hold() { valve.close() }

    /// Forwards again, first what arrived in the meantime.
    func release() { valve.open() }

    func close() {
        shut()
        release()
    }

    private func serve(_ listener: Int32) {
        state.withLock { $0.listener = listener }
        Thread.detachNewThread { [self] in
            while true {
                let client = accept(listener, nil, nil)
                guard client >= 0 else { break }
                relay(client)
            }
            _ = Glibc.close(listener)
        }
    }

    private func relay(_ client: Int32) {
        guard let server = try? Self.connect(to: UInt16(target.port)) else {
            _ = Glibc.close(client)
            return
        }
        state.withLock { $0.sockets.formUnion([client, server]) }
        let directions = Directions(client, server, valve) { [self] in
            state.withLock { $0.sockets.subtract([client, server]) }
        }
        for (from, to) in [(client, server), (server, client)] {
            Thread.detachNewThread { directions.pump(from, to) }
        }
    }

    /// Stops threads while it is closed.
    private final class Valve: Sendable {
        private let condition = NSCondition()
        private let isClosed = Mutex(false)

        func close() { isClosed.withLock { $0 = true } }

        func open() {
            condition.lock()
            isClosed.withLock { $0 = false }
            condition.broadcast()
            condition.unlock()
        }

        func pass() {
            condition.lock()
            while isClosed.withLock({ $0 }) { condition.wait() }
            condition.unlock()
        }
    }

    /// The two directions of one relayed connection. The sockets are closed after both have ended.
    private final class Directions: Sendable {
        private let running = Mutex(2)
        private let sockets: [Int32]
        private let valve: Valve
        private let atEnd: @Sendable () -> Void

        init(_ client: Int32, _ server: Int32, _ valve: Valve, atEnd: @escaping @Sendable () -> Void) {
            sockets = [client, server]
            self.valve = valve
            self.atEnd = atEnd
        }

        func pump(_ from: Int32, _ to: Int32) {
            var buffer = [UInt8](repeating: 0, count: 65536)
            while true {
                let count = recv(from, &buffer, buffer.count, 0)
                valve.pass()
                guard count > 0, Self.sendAll(buffer, count, to) else { break }
            }
            for socket in sockets { shutdown(socket, Int32(SHUT_RDWR)) }
            guard
                running.withLock({
                    $0 -= 1; return $0 == 0
                })
            else { return }
            atEnd()
            for socket in sockets { _ = Glibc.close(socket) }
        }

        private static func sendAll(_ bytes: [UInt8], _ count: Int, _ to: Int32) -> Bool {
            var sent = 0
            while sent < count {
                let part = bytes.withUnsafeBytes { bytes in
                    send(to, bytes.baseAddress?.advanced(by: sent), count - sent, Int32(MSG_NOSIGNAL))
                }
                guard part > 0 else { return false }
                sent += part
            }
            return true
        }
    }

    /// Returns a free port. Another process can use it before the caller.
    static func freePort() throws -> UInt16 {
        let (listener, port) = try listen(on: 0)
        _ = Glibc.close(listener)
        return port
    }

    private static func listen(on port: UInt16) throws -> (Int32, UInt16) {
        let listener = try checked("socket", socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0))
        var yes: Int32 = 1
        setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        try withLoopback(port) { try checked("bind", bind(listener, $0, $1)) }
        try checked("listen", Glibc.listen(listener, 16))
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(listener, $0, &length) }
        }
        try checked("getsockname", status)
        return (listener, UInt16(bigEndian: address.sin_port))
    }

    private static func connect(to port: UInt16) throws -> Int32 {
        let descriptor = try checked("socket", socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0))
        try withLoopback(port) { try checked("connect", Glibc.connect(descriptor, $0, $1)) }
        return descriptor
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
