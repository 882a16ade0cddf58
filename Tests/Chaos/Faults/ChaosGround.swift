import Contracts
import Fakes
import Foundation
import TestSupport

/// Everything that a fault can damage.
struct ChaosGround: Sendable {
    let stack: ServiceStack
    let broker: any ChaosBroker
    let proxies: [BrokerProxy]
    let slskd: FakeSlskd
    /// `nil` where the machine does not permit to mount.
    let volumes: ChaosVolumes?
    let journal: ChaosJournal

    /// The open connections between services and brokers.
    var connections: [ProxiedConnection] { proxies.flatMap(\.connections) }
}

/// A broker of one or several nodes that can be killed, frozen and restarted.
protocol ChaosBroker: Sendable {
    /// For operations and checks. On a cluster, of a node that runs.
    var vhost: TestVhost { get async throws }
    var nodes: Int { get }
    func kill(_ node: Int) async throws
    func start(_ node: Int) async throws
    func stop(_ node: Int) async throws
    func freeze(_ node: Int) async throws
    func thaw(_ node: Int) async throws
    func setAlarm(_ alarm: PrivateBroker.Alarm, _ isSet: Bool) async throws
}

extension PrivateBroker: ChaosBroker {
    var nodes: Int { 1 }
    func kill(_ node: Int) async throws { try await kill() }
    func start(_ node: Int) async throws { try await restart() }
    /// `restart` stops the node cleanly first.
    func stop(_ node: Int) async throws {}
    func freeze(_ node: Int) async throws { try await freeze() }
    func thaw(_ node: Int) async throws { try await thaw() }
}
