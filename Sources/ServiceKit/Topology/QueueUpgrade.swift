import AMQP
import Contracts

/// Replaces one queue by a queue with other arguments and the same messages.
///
/// 1. A temporary queue is bound for arrivals, and the queue is unbound.
/// 2. The messages move to a second temporary queue, and the queue is deleted and declared anew.
/// 3. The messages return, then the arrivals, and the queue is bound again.
///
/// A kill between any two steps is safe: each step can be repeated, and the existing objects show which steps are left.
/// While both the queue and the arrivals are bound, a message is in both; its copy is dropped.
struct QueueUpgrade {
    let connection: AMQPConnection
    let queue: QueueDeclaration
    let topology: Topology
    let user: String

    /// What the broker has of the queue and of an upgrade.
    struct State: Sendable, Equatable {
        var isDifferent = false
        var isMissing = false
        var hasHeld = false
        var hasArrivals = false
        /// Queues of the other queue type whose messages belong to this one.
        var obsolete: [String] = []

        var isBegun: Bool { hasHeld || hasArrivals }
        var isNeeded: Bool { isDifferent || isBegun || !obsolete.isEmpty }
    }

    func state() async throws -> State {
        var state = State()
        switch try await connection.compare(queue.declaration) {
        case .asDeclared: break
        case .missing: state.isMissing = true
        case .different: state.isDifferent = true
        }
        let obsolete = siblings.filter { topology.queue($0) == nil }
        let found = try await connection.status(of: obsolete + [held, arrivals])
        state.hasHeld = found[held] != nil
        state.hasArrivals = found[arrivals] != nil
        state.obsolete = obsolete.filter { found[$0] != nil }
        return state
    }

    /// Steps 1 and 2. Does nothing for a queue that has its arguments already.
    /// - Parameter isHeld: whether a client holds messages of a queue. They would be lost with it.
    func moveOut(_ state: State, isHeld: (String) async throws -> Bool) async throws {
        guard state.isDifferent else { return }
        try await declareTemporaryQueues()
        CrashPoint.pass(.upgradePrepared)
        // Its bindings may then be those of the other type.
        let isOtherType = try await connection.hasOtherType(queue)
        for binding in isOtherType ? bindings : own { try await connection.bind(arrivals, binding) }
        for binding in bindings { try await connection.unbind(queue.name, binding) }
        CrashPoint.pass(.upgradeUnbound)
        let arrived = bindings.isEmpty ? MessageSet() : try await MessageSet(arrivals, connection)
        let isQuorum = queue.isQuorum != isOtherType
        let batch = isQuorum ? Self.oldQuorumBatch : Self.batch
        try await move(queue.name, to: held, batch).run(droppingCopiesIn: arrived)
        guard try await !isHeld(queue.name) else { throw UpgradeFailure.held(queue.name) }
        repeat {
            // A message that came through the default exchange meanwhile.
            while try await connection.status(of: queue.name).ready > 0 {
                try await move(queue.name, to: held, batch).run()
            }
        } while try await !delete(onlyIfEmpty: !isQuorum)
        CrashPoint.pass(.upgradeDeleted)
        try await connection.declare([queue.declaration])
    }

    /// Step 3. All queues of the topology exist.
    func moveBack(_ state: State) async throws {
        if state.isDifferent || state.hasHeld { try await returnHeld() }
        if state.isDifferent || state.hasArrivals { try await returnArrivals(isRepeated: state.hasArrivals) }
        for name in state.obsolete { try await merge(name) }
    }

    /// Deletes the temporary exchanges.
    func tidy() async throws {
        for exchange in ExchangeName.all + [""] {
            for target in [queue.name, held] {
                try await connection.deleteExchange(UpgradeName.exchange(exchange, to: target))
            }
        }
    }

    private func returnHeld() async throws {
        guard try await exists(held) else { return }
        try await move(held, to: queue.name).run()
        try await connection.deleteQueue(held)
        CrashPoint.pass(.upgradeReturned)
    }

    /// - Parameter isRepeated: whether an earlier run may have bound the queue already.
    private func returnArrivals(isRepeated: Bool) async throws {
        guard try await exists(arrivals) else { return }
        let copies = isRepeated ? try await present() : MessageSet()
        try await move(arrivals, to: queue.name).run(droppingCopiesIn: copies)
        for binding in topology.bindings where siblings.contains(binding.queue) || binding.queue == queue.name {
            try await connection.bind(binding.queue, binding)
        }
        CrashPoint.pass(.upgradeBound)
        for binding in bindings { try await connection.unbind(arrivals, binding) }
        if try await connection.status(of: arrivals).ready > 0 {
            try await move(arrivals, to: queue.name).run(droppingCopiesIn: try await present())
        }
        try await connection.deleteQueue(arrivals)
    }

    /// Moves the messages of a class queue that the topology lacks, and deletes it.
    private func merge(_ name: String) async throws {
        for binding in bindings { try await connection.unbind(name, binding) }
        // Only quorum queues have classes.
        try await move(name, to: queue.name, Self.oldQuorumBatch).run(droppingCopiesIn: try await present())
        try await connection.deleteQueue(name)
    }

    /// Deletes the queue.
    ///
    /// Services publish nothing through the default exchange during an upgrade. A classic queue also refuses to be
    /// deleted with a message of another program; quorum queues have no such condition.
    /// - Returns: `false` when the queue has messages.
    private func delete(onlyIfEmpty: Bool) async throws -> Bool {
        do throws(AMQPError) {
            try await connection.deleteQueue(queue.name, onlyIfEmpty: onlyIfEmpty)
            return true
        } catch {
            guard onlyIfEmpty, error.code == .preconditionFailed else { throw error }
            return false
        }
    }

    /// The messages of the queue and of its class queues.
    private func present() async throws -> MessageSet {
        var all = try await MessageSet(queue.name, connection)
        for name in siblings where topology.queue(name) != nil {
            all.formUnion(try await MessageSet(name, connection))
        }
        return all
    }

    private func exists(_ name: String) async throws -> Bool { try await connection.status(of: [name])[name] != nil }

    /// The messages in flight at once. A quorum queue keeps the order of up to 32 messages that a kill returns.
    private static let batch = 16
    /// The same for a quorum queue of an earlier version: without a delivery limit, what a kill returns goes to its end.
    private static let oldQuorumBatch = 1

    private func move(_ source: String, to target: String, _ batch: Int = Self.batch) -> MessageMove {
        MessageMove(connection: connection, source: source, target: target, user: user, batch: batch)
    }

    private func declareTemporaryQueues() async throws {
        // No TTL, no limit and no priority, which would change the order. An expired message is dead-lettered as before.
        let arguments = queue.arguments.filter {
            !["x-message-ttl", "x-max-length", "x-max-priority"].contains($0.key)
        }
        let names = bindings.isEmpty ? [held] : [held, arrivals]
        // Those of an interrupted upgrade of another version may have other arguments.
        let present = try await connection.status(of: names)
        try await connection.declare(
            names.filter { present[$0] == nil }.map { .queue($0, arguments: FieldTable(arguments)) })
        // RabbitMQ 3 writes a declaration to the disk together with the next one.
        let scratch = UpgradeName.held("scratch")
        try await connection.declare([.queue(scratch)])
        try await connection.deleteQueue(scratch)
    }
}

extension QueueUpgrade {
    private var held: String { UpgradeName.held(queue.name) }
    private var arrivals: String { UpgradeName.arrivals(queue.name) }

    /// The class queues of a work queue, in either queue type.
    private var siblings: [String] {
        guard Stage.allCases.contains(where: { QueueName.work($0) == queue.name }) else { return [] }
        return PriorityClass.allCases.map { queue.name + $0.suffix }.filter { $0 != queue.name }
    }

    private var own: [BindingDeclaration] { topology.bindings.filter { $0.queue == queue.name } }

    /// The bindings of the queue and of its class queues in both queue types: AMQP cannot list those that exist.
    private var bindings: [BindingDeclaration] {
        QueueType.allCases.flatMap { Topology($0).bindings }.filter {
            $0.queue == queue.name || siblings.contains($0.queue)
        }
    }
}

extension AMQPConnection {
    fileprivate func bind(_ queue: String, _ binding: BindingDeclaration) async throws {
        try await bind(queue: queue, exchange: binding.exchange, routingKey: binding.routingKey)
    }

    fileprivate func unbind(_ queue: String, _ binding: BindingDeclaration) async throws {
        try await unbind(queue: queue, exchange: binding.exchange, routingKey: binding.routingKey)
    }
}
