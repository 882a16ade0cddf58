import AMQP
import Contracts
import Logging
import ServiceKit

/// Requeues and purges selected dead letters, one queue after the other.
struct DeadLetterAction: Sendable {
    let index: DeadLetterIndex
    let queues: DeadLetterQueues
    let publisher: JobPublisher
    let logger: Logger

    func perform(_ request: OperatorRequest, _ selection: DeadLetterSelection) async throws -> OperatorResult {
        var result = OperatorResult(skipped: selection.skipped)
        let byQueue = Dictionary(grouping: selection.entries, by: \.record.queue)
        for queue in byQueue.keys.sorted() {
            result += await perform(request, byQueue[queue, default: []].map(\.record), in: queue)
        }
        if !request.dryRun { await recordDone(request, result.done) }
        return result
    }

    /// Records what was done. The broker operation succeeded in any case; if the index cannot be written, the next
    /// reconciliation repairs it.
    private func recordDone(_ request: OperatorRequest, _ ids: [String]) async {
        do {
            try await index.recordDone(request.action, ids)
        } catch {
            logger.log(
                event: .requestFailed, level: .error, "the index does not record what was done with dead letters",
                metadata: [LogKey.error: .string("\(error)")])
        }
    }

    private func perform(
        _ request: OperatorRequest, _ records: [DeadLetterRecord], in queue: String
    ) async -> OperatorResult {
        var result = OperatorResult()
        let byID = Dictionary(records.map { ($0.id, $0) }) { first, _ in first }
        do {
            let missing = try await queues.hold(Set(byID.keys), in: queue) { found in
                if !request.dryRun {
                    try await index.recordIntent(request.action, by: request.actor, found.compactMap { byID[$0.id] })
                }
                result += await perform(request, found, in: queue)
            }
            guard !missing.isEmpty else { return result }
            let reason: SkippedDeadLetter.Reason = try await queues.isEmpty(queue) ? .notDeadLetter : .heldElsewhere
            result.skipped += missing.sorted().map { SkippedDeadLetter(id: $0, reason: reason) }
        } catch {
            logger.log(
                event: .requestFailed, level: .error, "dead letters of a queue cannot be processed",
                metadata: [LogKey.queue: .string(queue), LogKey.error: .string("\(error)")])
            result.addFailure(Set(byID.keys), request.action)
        }
        return result
    }

    /// Publishes and acknowledges concurrently, so that messages are held for a short time only.
    private func perform(
        _ request: OperatorRequest, _ held: [HeldDeadLetter], in queue: String
    ) async -> OperatorResult {
        await withTaskGroup(of: Result<String, SkippedDeadLetter>.self) { group in
            for deadLetter in held { group.addTask { await self.perform(request, deadLetter, in: queue) } }
            return await group.reduce(into: OperatorResult()) {
                switch $1 {
                case .success(let id): $0.done.append(id)
                case .failure(let skip): $0.skipped.append(skip)
                }
            }
        }
    }

    private func perform(
        _ request: OperatorRequest, _ deadLetter: HeldDeadLetter, in queue: String
    ) async -> Result<String, SkippedDeadLetter> {
        do throws(SkippedDeadLetter) {
            switch request.action {
            case .requeue: try await requeue(deadLetter, in: queue, request)
            case .purge: await purge(deadLetter, in: queue, request)
            }
            return .success(deadLetter.id)
        } catch {
            return .failure(error)
        }
    }
}

// MARK: - One dead letter

extension DeadLetterAction {
    /// Publishes the job and removes the dead letter after the confirm. If the process ends in between, the message is
    /// in both queues.
    private func requeue(
        _ deadLetter: HeldDeadLetter, in queue: String, _ request: OperatorRequest
    ) async throws(SkippedDeadLetter) {
        let plan = try RequeuePlan(deadLetter.delivery, queue: queue, messages: publisher.messages)
        guard !request.dryRun else { return }
        async let published: Void = publish(plan.event)
        do throws(AMQPError) {
            try await publisher.publish(plan.message, to: ExchangeName.jobs, key: plan.key)
        } catch {
            await published
            logger.warning("a dead letter was not requeued", metadata: [LogKey.error: .string("\(error)")])
            throw SkippedDeadLetter(id: deadLetter.id, reason: .enqueueFailed)
        }
        await published
        deadLetter.acknowledge()
        log(.recoveryRequeued, "a dead letter was requeued", deadLetter, queue, request)
    }

    private func purge(_ deadLetter: HeldDeadLetter, in queue: String, _ request: OperatorRequest) async {
        guard !request.dryRun else { return }
        deadLetter.acknowledge()
        log(.recoveryPurged, "a dead letter was purged", deadLetter, queue, request)
        let event = JobEvent(purging: deadLetter.delivery, from: queue, worker: publisher.instance)
        if let event { await publish(event) }
    }

    /// Publishes an event. A lost event is only logged: the operation itself must not be repeated because of it.
    private func publish(_ event: JobEvent) async {
        do throws(AMQPError) {
            try await publisher.publish(event)
        } catch {
            logger.warning(
                "an event was not published",
                metadata: [LogKey.jobID: .string(event.jobID.text), LogKey.error: .string("\(error)")])
        }
    }

    private func log(
        _ event: LogEventName, _ text: Logger.Message, _ deadLetter: HeldDeadLetter, _ queue: String,
        _ request: OperatorRequest
    ) {
        var metadata: Logger.Metadata = [
            "message_id": .string(deadLetter.id), LogKey.queue: .string(queue), "actor": .string(request.actor),
        ]
        let record = DeadLetterRecord(deadLetter.delivery, queue: queue)
        if let job = record.jobID { metadata[LogKey.jobID] = .string(job) }
        logger.log(event: event, text, metadata: metadata)
    }
}
