public import AMQP
public import Contracts
import Foundation

/// Gives the queues of a broker the arguments of the present topology, and keeps their messages.
///
/// Queue arguments cannot change in place. An interrupted upgrade is continued by the next run.
public struct TopologyUpgrade: Sendable {
    /// What the management API knows about the use of the queues.
    public struct Overview: Sendable {
        /// Messages of each queue that are not ready: clients hold them, or the broker dead-letters them.
        public var held: [String: Int]
        /// The names of the clients that consume a queue.
        public var consumers: [String: [String]]

        public init(held: [String: Int], consumers: [String: [String]]) {
            self.held = held
            self.consumers = consumers
        }
    }

    private let connection: AMQPConnection
    private let topology: Topology
    private let user: String
    private let overview: @Sendable () async throws -> Overview?
    private let report: @Sendable (String) -> Void

    /// - Parameters:
    ///   - user: the broker's user of the connection.
    ///   - overview: asks the management API; `nil` when the operator has stopped all services.
    ///   - report: receives a line for people about each step.
    public init(
        _ connection: AMQPConnection, _ topology: Topology, user: String,
        overview: @escaping @Sendable () async throws -> Overview?, report: @escaping @Sendable (String) -> Void
    ) {
        self.connection = connection
        self.topology = topology
        self.user = user
        self.overview = overview
        self.report = report
    }

    /// Returns a line for each queue that an upgrade changes or deletes.
    public func plan() async throws -> [String] {
        let changed = try await needed().map { upgrade, state in
            if state.isBegun { return "\(upgrade.queue.name): finish an interrupted upgrade" }
            if state.isDifferent { return "\(upgrade.queue.name): declare it anew, keep its messages" }
            return "\(upgrade.queue.name): take the messages of \(state.obsolete.joined(separator: ", "))"
        }
        return changed + (try await obsolete().map { "\($0): delete it if it is empty" })
    }

    /// Whether an interrupted upgrade has to be finished.
    public func isBegun() async throws -> Bool { try await needed().contains { $1.isBegun } }

    /// Waits until no client uses the queues.
    /// - Throws: ``UpgradeFailure`` with the queues and clients after `limit`.
    public func waitForStandstill(_ limit: Duration) async throws {
        let deadline = ContinuousClock.now + limit
        while true {
            let present = try await overview()
            let uses = try await uses(present)
            if uses.isEmpty { return }
            guard ContinuousClock.now < deadline else { throw UpgradeFailure.inUse(uses, present?.consumers ?? [:]) }
            try await Task.sleep(for: .milliseconds(500))
        }
    }

    /// Upgrades all queues. No client may use them.
    public func run() async throws {
        await connection.suspendHealing()
        try await declare(topology.exchanges.map(\.declaration))
        let upgrades = try await needed()
        for (upgrade, state) in upgrades {
            report("\(upgrade.queue.name): moving its messages")
            try await upgrade.moveOut(state) { try await isHeld($0) }
        }
        try await declare(topology.queues.map(\.declaration))
        for (upgrade, state) in upgrades {
            try await upgrade.moveBack(state)
            report("\(upgrade.queue.name): done")
        }
        try await declare(topology.bindings.map(\.declaration))
        for queue in topology.queues { try await self.upgrade(queue).tidy() }
        try await deleteObsolete()
    }

    private func upgrade(_ queue: QueueDeclaration) -> QueueUpgrade {
        QueueUpgrade(connection: connection, queue: queue, topology: topology, user: user)
    }

    private func needed() async throws -> [(QueueUpgrade, QueueUpgrade.State)] {
        var needed: [(QueueUpgrade, QueueUpgrade.State)] = []
        for queue in topology.queues + (try await locks()) {
            let upgrade = upgrade(queue)
            let state = try await upgrade.state()
            if state.isNeeded { needed.append((upgrade, state)) }
        }
        return needed
    }

    /// The locks of budgets that exist. They are not in the table.
    private func locks() async throws -> [QueueDeclaration] {
        let locks = QueueName.limitedProviders.map { topology.budget($0).lock }
        let names = locks.flatMap { [$0.name, UpgradeName.held($0.name)] }
        let found = try await connection.status(of: names)
        return locks.filter { found[$0.name] != nil || found[UpgradeName.held($0.name)] != nil }
    }

    private func declare(_ declarations: [Declaration]) async throws {
        do throws(AMQPError) {
            try await connection.declare(declarations)
        } catch {
            guard error.code == .preconditionFailed else { throw error }
            throw UpgradeFailure("only queues can be upgraded: \(error.message); delete it while all services stand")
        }
    }
}

// The use of the queues, and those of older versions.
extension TopologyUpgrade {
    private func uses(_ overview: Overview?) async throws -> [QueueUse] {
        let names = Set(topology.queues.map(\.name) + QueueType.allCases.flatMap { Topology($0).queues.map(\.name) })
        let found = try await connection.status(of: names.sorted())
        return found.sorted { $0.key < $1.key }.map { name, status in
            QueueUse(queue: name, consumers: status.consumers, held: overview?.held[name])
        }.filter { $0.consumers > 0 || $0.held ?? 0 > 0 }
    }

    private func isHeld(_ queue: String) async throws -> Bool { try await overview()?.held[queue] ?? 0 > 0 }

    private func obsolete() async throws -> [String] {
        let known = Set(topology.queues.map(\.name))
        let names = QueueName.obsolete.filter { !known.contains($0) }
        return try await connection.status(of: names).keys.sorted()
    }

    private func deleteObsolete() async throws {
        var isLeft = false
        for name in try await obsolete() {
            let ready = try await connection.status(of: name).ready
            guard ready == 0 else {
                isLeft = true
                report("\(name): not deleted, because it has \(ready) messages; no service reads it")
                continue
            }
            try await connection.deleteQueue(name)
            report("\(name): deleted, no service uses it")
        }
        if !isLeft { for name in ExchangeName.obsolete { try await connection.deleteExchange(name) } }
    }
}
