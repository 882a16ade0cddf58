import Foundation
import Synchronization

/// One connection through a ``BrokerProxy``.
public final class ProxiedConnection: Sendable {
    private let client: Int32
    private let server: Int32
    private let state = Mutex(State())

    private struct State {
        /// The directions that still run.
        var directions = 2
        var isPaused = false
        var isBlackHole = false
        var isCut = false
    }

    init(_ client: Int32, _ server: Int32) {
        self.client = client
        self.server = server
    }

    /// Closes the connection on both sides.
    public func cut() {
        state.withLock { state in
            state.isCut = true
            guard state.directions > 0 else { return }
            for socket in [client, server] { shutdown(socket, Int32(SHUT_RDWR)) }
        }
    }

    /// Holds back all bytes of both directions, or delivers them again. Nothing is lost.
    public func setPaused(_ isPaused: Bool) { state.withLock { $0.isPaused = isPaused } }

    /// Discards all bytes of both directions from now on: the connection is half-open for both sides until ``cut()``.
    public func swallow() { state.withLock { $0.isBlackHole = true } }

    /// Relays the bytes on two threads. The sockets are closed after both directions have ended.
    func run(atEnd: @escaping @Sendable () -> Void) {
        for (from, to) in [(client, server), (server, client)] {
            Thread.detachNewThread { [self] in
                pump(from, to)
                guard end() else { return }
                atEnd()
            }
        }
    }

    private func pump(_ from: Int32, _ to: Int32) {
        var buffer = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = recv(from, &buffer, buffer.count, 0)
            guard count > 0, waitWhilePaused() else { return }
            if state.withLock({ $0.isBlackHole }) { continue }
            guard LocalSocket.send(buffer[..<count], to: to) else { return }
        }
    }

    /// - Returns: `false` if the connection was cut during the pause.
    private func waitWhilePaused() -> Bool {
        while true {
            let (isPaused, isCut) = state.withLock { ($0.isPaused, $0.isCut) }
            if isCut { return false }
            if !isPaused { return true }
            usleep(20_000)
        }
    }

    /// Ends one direction and with it the other one. A half-open connection stays open for the other side.
    /// - Returns: Whether both have ended.
    private func end() -> Bool {
        state.withLock { state in
            state.directions -= 1
            if state.directions > 0, !state.isBlackHole || state.isCut {
                for socket in [client, server] { shutdown(socket, Int32(SHUT_RDWR)) }
            }
            guard state.directions == 0 else { return false }
            for socket in [client, server] { close(socket) }
            return true
        }
    }
}
