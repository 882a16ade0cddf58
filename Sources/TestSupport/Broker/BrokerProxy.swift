import AMQP
import Foundation
import Synchronization

/// A TCP relay between services and a broker, which can damage each of its connections.
public final class BrokerProxy: Sendable {
    /// The address of the broker through the relay.
    public let url: String
    private let port: UInt16
    private let target: UInt16
    private let state = Mutex(State())

    private struct State {
        var listener: Int32?
        /// In the order of their beginnings.
        var connections: [ProxiedConnection] = []
    }

    /// - Parameter url: The address of a broker on this machine.
    public init(to url: String) throws {
        let address = try BrokerAddress(url: url)
        target = UInt16(address.port)
        let (listener, port) = try LocalSocket.listen(on: 0)
        self.port = port
        self.url = url.replacing("\(address.host):\(address.port)", with: "127.0.0.1:\(port)")
        serve(listener)
    }

    /// Runs a test with a relay and closes it afterwards, also after an error.
    public static func run<Result>(to url: String, _ test: (BrokerProxy) async throws -> Result) async throws -> Result
    {
        let proxy = try BrokerProxy(to: url)
        defer { proxy.refuse() }
        return try await test(proxy)
    }

    /// The open connections, the oldest first.
    public var connections: [ProxiedConnection] { state.withLock { $0.connections } }

    /// Closes all connections and refuses new ones until ``admit()``.
    public func refuse() {
        let (listener, connections) = state.withLock { state in
            defer { state.listener = nil }
            return (state.listener, state.connections)
        }
        if let listener { shutdown(listener, Int32(SHUT_RDWR)) }
        for connection in connections { connection.cut() }
    }

    /// Accepts connections again after ``refuse()``.
    public func admit() throws {
        guard state.withLock({ $0.listener == nil }) else { return }
        serve(try LocalSocket.listen(on: port).listener)
    }

    private func serve(_ listener: Int32) {
        state.withLock { $0.listener = listener }
        Thread.detachNewThread { [self] in
            while true {
                let client = accept(listener, nil, nil)
                guard client >= 0 else { break }
                relay(client)
            }
            _ = close(listener)
        }
    }

    private func relay(_ client: Int32) {
        guard let server = try? LocalSocket.connect(to: target) else {
            _ = close(client)
            return
        }
        let connection = ProxiedConnection(client, server)
        state.withLock { $0.connections.append(connection) }
        connection.run { [self] in state.withLock { $0.connections.removeAll { $0 === connection } } }
    }
}
