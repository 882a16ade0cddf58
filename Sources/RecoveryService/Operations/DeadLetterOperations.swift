import AMQP
import Contracts
import Logging
import ServiceKit

/// The operations of operators on dead letters.
///
/// One operation runs at a time, so that the index never records what a later operation has undone. None reads or changes
/// a queue during `hdm topology upgrade`, which moves the messages and deletes queues.
struct DeadLetterOperations: Sendable {
    let index: DeadLetterIndex
    let logger: Logger
    let requeue: Requeue
    private let queues: DeadLetterQueues
    private let publishing: AMQPConnection
    private let pauses: PauseState
    private let action: DeadLetterAction
    private let reconciliation: Reconciliation
    private let gate = SerialGate()

    /// - Parameter holdLimit: the most messages that one pass over the queues holds.
    init(_ runtime: ServiceRuntime, index: DeadLetterIndex, holdLimit: Int) {
        self.index = index
        let staging = StagingArea(downloads: runtime.settings.downloadsDir)
        requeue = Requeue(
            index: index, claims: GenerationClaims(staging), cancelled: CancelledJobs(staging),
            publisher: runtime.publisher, logger: runtime.logger)
        logger = runtime.logger
        queues = DeadLetterQueues(runtime.consuming, limit: holdLimit)
        publishing = runtime.publishing
        pauses = runtime.pauses
        action = DeadLetterAction(
            index: index, queues: queues, requeue: requeue, publisher: runtime.publisher, logger: runtime.logger)
        reconciliation = Reconciliation(runtime, index: index, queues: queues, requeue: requeue)
    }

    /// Whether the broker accepts messages at present.
    var isBrokerUsable: Bool { publishing.status.isUsable }

    /// Whether the queues are replaced at present.
    private var isUpgrading: Bool { pauses.isUpgrading }

    /// Makes the index agree with the dead-letter queues. Does nothing during an upgrade of the queues.
    func reconcile() async throws { try await gate.run { try await reconcileNow() } }

    /// Runs `body` while no other operation runs.
    func exclusively(_ body: () async throws -> Void) async throws { try await gate.run(body) }

    /// Removes messages that a later generation replaced from shallow queues.
    func removeStale(in list: [String]) async throws {
        try await gate.run { for queue in list where !isUpgrading { try await action.removeStale(in: queue) } }
    }

    /// Closes the entries of jobs that somebody else restarted or cancelled, and removes their messages.
    func removeReplaced() async throws {
        try await gate.run {
            try await action.closeReplaced()
            for queue in QueueName.deadLetterQueues where !isUpgrading { try await action.removeStale(in: queue) }
        }
    }

    /// Repeats the requeues that were begun and not completed, because the process ended or the broker did not confirm.
    /// Without that, their messages would be stale in the queues and nowhere else.
    ///
    /// - Returns: Whether none is left.
    func resume() async throws -> Bool {
        guard !isUpgrading else { return false }
        for (entry, actor) in try await index.begunRequeues(limit: 1000) {
            let request = OperatorRequest(action: .requeue, actor: actor, dryRun: false)
            _ = try await runToEnd { [action] in
                try await action.perform(request, DeadLetterSelection(entries: [entry]))
            }
        }
        return try await index.begunRequeues(limit: 1).isEmpty
    }

    /// Returns a page of the dead letters, after a reconciliation; during an upgrade of the queues, as they were before.
    func list(_ query: DeadLetterQuery) async throws -> (items: [IndexedDeadLetter], total: Int) {
        try await reconcile()
        return try await index.list(query)
    }

    /// Returns the numbers of dead letters. There is no reconciliation, as each would count as a delivery in a quorum
    /// queue.
    func stats() async throws -> DeadLetterStats {
        var byStage: [String: Int] = [:]
        for (queue, depth) in try await depths() {
            byStage[queue.split(separator: ".").last.map(String.init) ?? queue] = depth
        }
        let (byReason, recent) = try await index.counts(since: .now + .seconds(-86_400))
        var stats = DeadLetterStats(
            total: byStage.values.reduce(0, +), byReason: byReason, byStage: byStage, last24h: recent)
        stats.stale = try await index.staleCount()
        return stats
    }

    /// Returns the number of ready messages in each queue, while this process holds none.
    func depths() async throws -> [String: Int] {
        try await gate.run {
            var depths: [String: Int] = [:]
            for queue in QueueName.deadLetterQueues { depths[queue] = try await queues.depth(of: queue) }
            return depths
        }
    }

    /// Requeues or purges the dead letters with these ids.
    /// - Throws: `APIError` `.notFound` when one of the ids is unknown; then nothing was done.
    func perform(_ request: OperatorRequest, _ ids: [String]) async throws -> OperatorResult {
        try await runToEnd { try await action.perform(request, try await select(ids)) }
    }

    /// Requeues or purges the dead letters that ended before a time, the oldest first, at most `limit`.
    func perform(
        _ request: OperatorRequest, deadBefore time: Timestamp, reason: String?, limit: Int
    ) async throws -> OperatorResult {
        try await runToEnd {
            try await reconcileNow()
            let entries = try await index.entries(deadBefore: time, reason: reason, limit: limit)
            let present = entries.filter { $0.presence == .present }
            return try await action.perform(request, DeadLetterSelection(entries: present))
        }
    }

    /// Runs an operation in a task of its own: it must not stop between the broker and the index when the client
    /// closes its connection.
    private func runToEnd(
        _ body: @escaping @Sendable () async throws -> OperatorResult
    ) async throws -> OperatorResult {
        guard isBrokerUsable else {
            throw APIError(.dependencyError, "the broker does not accept messages at the moment; nothing was changed")
        }
        return try await Task {
            try await gate.run {
                guard !isUpgrading else {
                    throw APIError(
                        .dependencyError,
                        "`hdm topology upgrade` replaces the queues; try again after it; nothing was changed")
                }
                return try await body()
            }
        }.value
    }

    private func reconcileNow() async throws {
        guard !isUpgrading else { return }
        try await reconciliation.run()
    }

    /// Finds the dead letters with these ids. If the index does not have all of them, it is reconciled first.
    private func select(_ ids: [String]) async throws -> DeadLetterSelection {
        var known = try await index.entries(ids)
        if try await needsReconciliation(ids, known) {
            try await reconcileNow()
            known = try await index.entries(ids)
        }
        let unknown = ids.filter { known[$0] == nil }
        guard unknown.isEmpty else {
            throw APIError(
                .notFound, "no dead letter has this id; nothing was changed",
                meta: ["ids": .array(unknown.prefix(20).map { .string($0) })])
        }
        return DeadLetterSelection(ids.compactMap { known[$0] })
    }

    /// Whether an entry is unknown or closed, or its message is not stored yet.
    private func needsReconciliation(_ ids: [String], _ known: [String: IndexedDeadLetter]) async throws -> Bool {
        for id in ids {
            guard let entry = known[id], entry.isOpen else { return true }
            if try await !index.hasMessage(entry.number) { return true }
        }
        return false
    }
}
