import AMQP
import Contracts
import Logging
import ServiceKit

/// Requeues and purges selected dead letters.
///
/// A requeue publishes from the index, so that neither the depth of a queue nor a deleted queue matters. The message in
/// the queue is stale then.
struct DeadLetterAction: Sendable {
    let index: DeadLetterIndex
    let queues: DeadLetterQueues
    let requeue: Requeue
    let publisher: JobPublisher
    let logger: Logger

    /// How many messages are in memory at once.
    private static let concurrency = 16
    /// The deepest queue from which stale messages are removed at once.
    private static let shallow = 1000

    func perform(_ request: OperatorRequest, _ selection: DeadLetterSelection) async throws -> OperatorResult {
        var result = OperatorResult(skipped: selection.skipped)
        switch request.action {
        case .requeue: result += try await requeue(request, selection.entries)
        case .purge:
            let byQueue = Dictionary(grouping: selection.entries, by: \.record.queue)
            for queue in byQueue.keys.sorted() {
                result += await purge(request, byQueue[queue, default: []], in: queue)
            }
        }
        return result
    }

    /// Removes messages that a later generation replaced. In a deep queue they stay: to find them would keep the others
    /// from their readers for too long.
    func removeStale(in queue: String) async throws {
        let entries = try await index.stale(in: queue, limit: Self.shallow)
        guard !entries.isEmpty, try await queues.depth(of: queue) <= Self.shallow else { return }
        _ = try await queues.hold(Set(entries.map(\.record.key)), in: queue) { found in
            for deadLetter in found { deadLetter.acknowledge() }
        }
        // What another client holds is found again by the next reconciliation.
        try await index.recordRemoved(entries.map(\.number))
    }

    /// Closes entries of jobs that somebody else restarted or cancelled.
    func closeReplaced() async throws {
        var last: Int64 = 0
        while true {
            let entries = try await index.parkedJobs(after: last, limit: 200)
            guard let end = entries.last?.number else { return }
            for entry in entries where try await requeue.isReplaced(entry.record) {
                try await index.recordRequeued(entry.number, as: entry.record.requeues + 1)
            }
            last = end
        }
    }
}

// MARK: - Requeue

extension DeadLetterAction {
    private func requeue(
        _ request: OperatorRequest, _ entries: [IndexedDeadLetter]
    ) async throws -> OperatorResult {
        if !request.dryRun { try await index.recordIntent(.requeue, by: request.actor, entries) }
        var result = OperatorResult()
        await withTaskGroup(of: Result<String, SkippedDeadLetter>.self) { group in
            for (number, entry) in entries.enumerated() {
                if number >= Self.concurrency, let outcome = await group.next() { result.add(outcome) }
                group.addTask { await self.requeue(request, entry) }
            }
            for await outcome in group { result.add(outcome) }
        }
        if !request.dryRun {
            for queue in Set(entries.map(\.record.queue)).sorted() { await removeStaleOrLog(in: queue) }
        }
        return result
    }

    private func requeue(
        _ request: OperatorRequest, _ entry: IndexedDeadLetter
    ) async -> Result<String, SkippedDeadLetter> {
        do {
            guard let routed = try await index.message(of: entry.number)?.restored() else {
                throw SkippedDeadLetter(id: entry.record.id, reason: try await reasonForAbsence(in: entry.record.queue))
            }
            let plan = try RequeuePlan(routed, queue: entry.record.queue, messages: publisher.messages)
            if !request.dryRun { try await requeue.run(entry, plan, by: request.actor) }
            return .success(entry.record.id)
        } catch let skip as SkippedDeadLetter {
            return .failure(skip)
        } catch {
            log(error, entry.record.queue)
            return .failure(SkippedDeadLetter(id: entry.record.id, reason: .enqueueFailed))
        }
    }

    private func removeStaleOrLog(in queue: String) async {
        do {
            try await removeStale(in: queue)
        } catch {
            log(error, queue)
        }
    }
}

// MARK: - Purge

extension DeadLetterAction {
    private func purge(
        _ request: OperatorRequest, _ entries: [IndexedDeadLetter], in queue: String
    ) async -> OperatorResult {
        var result = OperatorResult()
        let byKey = Dictionary(entries.map { ($0.record.key, $0) }) { first, _ in first }
        do {
            if !request.dryRun { try await index.recordIntent(.purge, by: request.actor, entries) }
            let missing = try await queues.hold(Set(byKey.keys), in: queue) { found in
                for deadLetter in found {
                    if !request.dryRun, let entry = byKey[deadLetter.key] {
                        await purge(deadLetter, entry, in: queue, request)
                    }
                    result.done.append(deadLetter.key.id)
                }
            }
            guard !missing.isEmpty else { return result }
            let reason = try await reasonForAbsence(in: queue)
            result.skipped += missing.map(\.id).sorted().map { SkippedDeadLetter(id: $0, reason: reason) }
        } catch {
            log(error, queue)
            result.addFailure(Set(byKey.keys.map(\.id)))
        }
        return result
    }

    private func purge(
        _ deadLetter: HeldDeadLetter, _ entry: IndexedDeadLetter, in queue: String, _ request: OperatorRequest
    ) async {
        deadLetter.acknowledge()
        let event = JobEvent(purging: deadLetter.delivery, from: queue, worker: publisher.instance)
        do {
            try await index.recordPurged(entry.number)
            if let event { try await publisher.publish(event) }
        } catch {
            log(error, queue)
        }
        var metadata: Logger.Metadata = [
            "message_id": .string(entry.record.id), LogKey.queue: .string(queue), "actor": .string(request.actor),
        ]
        if let job = entry.record.jobID { metadata[LogKey.jobID] = .string(job) }
        logger.log(event: .recoveryPurged, "a dead letter was purged", metadata: metadata)
    }

    /// Returns why a message was not found in a queue.
    private func reasonForAbsence(in queue: String) async throws -> SkippedDeadLetter.Reason {
        if try await queues.isEmpty(queue) { return .notDeadLetter }
        return try await queues.isBeyondReach(queue) ? .notIndexed : .heldElsewhere
    }

    private func log(_ error: any Error, _ queue: String) {
        logger.log(
            event: .requestFailed, level: .error, "an operation on dead letters is incomplete",
            metadata: [LogKey.queue: .string(queue), LogKey.error: .string("\(error)")])
    }
}
