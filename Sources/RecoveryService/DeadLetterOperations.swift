import AMQP
import Contracts
import Foundation
import Logging
import ServiceKit

/// What operators do with dead letters. One deed at a time, so that the index never tells what another one undid.
struct DeadLetterOperations: Sendable {
    let index: DeadLetterIndex
    let queues: DeadLetterQueues
    let publisher: JobPublisher
    let logger: Logger
    private let publishing: AMQPConnection
    private let gate = SerialGate()

    init(_ runtime: ServiceRuntime, index: DeadLetterIndex, surveyLimit: Int) {
        self.index = index
        queues = DeadLetterQueues(runtime.consuming, limit: surveyLimit)
        publisher = runtime.publisher
        publishing = runtime.publishing
        logger = runtime.logger
    }

    /// Compares the parking lots with the index.
    func survey() async throws { try await gate.take { try await surveyNow() } }

    /// A page of the dead letters, after a look at the parking lots.
    func list(_ query: DeadLetterQuery) async throws -> (items: [IndexedDeadLetter], total: Int) {
        try await survey()
        return try await index.list(query)
    }

    /// Counts, without a look: each look into a quorum queue would be a delivery.
    func stats() async throws -> DeadLetterStats {
        var byStage: [String: Int] = [:]
        for (queue, depth) in try await depths() {
            byStage[queue.split(separator: ".").last.map(String.init) ?? queue] = depth
        }
        let (byReason, recent) = try await index.counts(since: .now + .seconds(-86_400))
        let total = byStage.values.reduce(0, +)
        return DeadLetterStats(total: total, byReason: byReason, byStage: byStage, last24h: recent)
    }

    /// How many messages are ready in each parking lot, while nothing here holds any.
    func depths() async throws -> [String: Int] {
        try await gate.take {
            var depths: [String: Int] = [:]
            for queue in QueueName.deadLetterQueues { depths[queue] = try await queues.depth(of: queue) }
            return depths
        }
    }

    /// Does a deed to the dead letters of these ids. Goes on to its end when the request is given up.
    /// - Throws: `APIError` `NOT_FOUND` when one of the ids is unknown; then nothing was done.
    func perform(_ operatorRequest: OperatorRequest, _ ids: [String]) async throws -> OperatorResult {
        try await toTheEnd { try await perform(operatorRequest, try await choose(ids)) }
    }

    /// Does a deed to the dead letters that died before a time, the oldest first, at most `limit`.
    func perform(
        _ operatorRequest: OperatorRequest, deadBefore time: Timestamp, reason: String?, limit: Int
    ) async throws -> OperatorResult {
        try await toTheEnd {
            try await surveyNow()
            let entries = try await index.entries(deadBefore: time, reason: reason, limit: limit)
            return try await perform(operatorRequest, Choice(entries: entries.filter { $0.presence == .present }))
        }
    }

    /// A client that hangs up must not stop a deed between the broker and the index.
    private func toTheEnd(
        _ body: @escaping @Sendable () async throws -> OperatorResult
    ) async throws -> OperatorResult {
        guard publishing.status.isUsable else {
            throw APIError(.dependencyError, "the broker takes no messages at the moment; nothing was done")
        }
        return try await Task { try await gate.take(body) }.value
    }

    private func surveyNow() async throws {
        let survey = try await queues.survey()
        try await index.note(survey.records, complete: survey.complete)
    }
}

// MARK: - Choosing

/// The dead letters that a request names.
private struct Choice {
    var entries: [IndexedDeadLetter] = []
    var skipped: [SkippedDeadLetter] = []
}

extension DeadLetterOperations {
    /// Finds the dead letters of these ids. The index may lag behind the parking lots, which are then looked at.
    private func choose(_ ids: [String]) async throws -> Choice {
        var known = try await index.entries(ids)
        if ids.contains(where: { known[$0]?.isOpen != true }) {
            try await surveyNow()
            known = try await index.entries(ids)
        }
        let unknown = ids.filter { known[$0] == nil }
        guard unknown.isEmpty else {
            throw APIError(
                .notFound, "no dead letter has this id; nothing was done",
                meta: ["ids": .array(unknown.prefix(20).map { .string($0) })])
        }
        return ids.compactMap { known[$0] }.reduce(into: Choice()) { choice, entry in
            if entry.isOpen {
                choice.entries.append(entry)
            } else {
                let reason: SkippedDeadLetter.Reason = entry.isRequeued ? .alreadyQueued : .notDeadLetter
                choice.skipped.append(SkippedDeadLetter(id: entry.record.id, reason: reason))
            }
        }
    }
}

// MARK: - Acting

/// What is to be done, and who wants it.
struct OperatorRequest: Sendable {
    let action: OperatorAction
    let actor: String
    /// Tell what would be done, and do nothing.
    let dryRun: Bool
}

extension DeadLetterOperations {
    /// Does a deed to every chosen dead letter, one parking lot after the other.
    private func perform(_ operatorRequest: OperatorRequest, _ choice: Choice) async throws -> OperatorResult {
        var result = OperatorResult(done: [], skipped: choice.skipped, dryRun: operatorRequest.dryRun)
        let byLot = Dictionary(grouping: choice.entries, by: \.record.queue)
        for queue in byLot.keys.sorted() {
            let records = byLot[queue, default: []].map(\.record)
            result += await perform(operatorRequest, records, in: queue)
        }
        if !operatorRequest.dryRun { await note(operatorRequest, result.done) }
        return result
    }

    /// What was done was done: an index that cannot be written learns of it from the next survey.
    private func note(_ operatorRequest: OperatorRequest, _ ids: [String]) async {
        do {
            try await index.note(operatorRequest.action, of: ids)
        } catch {
            logger.log(
                event: .requestFailed, level: .error, "what was done could not be noted in the index",
                metadata: [LogKey.error: .string("\(error)")])
        }
    }

    private func perform(
        _ operatorRequest: OperatorRequest, _ records: [DeadLetterRecord], in queue: String
    ) async -> OperatorResult {
        var result = OperatorResult(done: [], skipped: [], dryRun: operatorRequest.dryRun)
        let byID = Dictionary(records.map { ($0.id, $0) }) { first, _ in first }
        do {
            let missing = try await queues.take(Set(byID.keys), from: queue) { found in
                if !operatorRequest.dryRun {
                    try await index.begin(
                        operatorRequest.action, by: operatorRequest.actor, found.compactMap { byID[$0.id] })
                }
                result += await act(operatorRequest, found, in: queue)
            }
            guard !missing.isEmpty else { return result }
            let reason: SkippedDeadLetter.Reason = try await queues.isEmpty(queue) ? .notDeadLetter : .heldElsewhere
            result.skipped += missing.sorted().map { SkippedDeadLetter(id: $0, reason: reason) }
        } catch {
            logger.log(
                event: .requestFailed, level: .error, "a parking lot could not be worked on",
                metadata: [LogKey.queue: .string(queue), LogKey.error: .string("\(error)")])
            result.fail(Set(byID.keys), operatorRequest.action)
        }
        return result
    }

    /// Publishes and acknowledges side by side: what is held here is held for everybody else, too.
    private func act(
        _ operatorRequest: OperatorRequest, _ found: [DeadLetterQueues.DeadLetter], in queue: String
    ) async -> OperatorResult {
        await withTaskGroup(of: Result<String, SkippedDeadLetter>.self) { group in
            for letter in found { group.addTask { await self.act(operatorRequest, letter, in: queue) } }
            return await group.reduce(into: OperatorResult(done: [], skipped: [], dryRun: operatorRequest.dryRun)) {
                switch $1 {
                case .success(let id): $0.done.append(id)
                case .failure(let skip): $0.skipped.append(skip)
                }
            }
        }
    }

    private func act(
        _ operatorRequest: OperatorRequest, _ letter: DeadLetterQueues.DeadLetter, in queue: String
    ) async -> Result<String, SkippedDeadLetter> {
        do throws(SkippedDeadLetter) {
            switch operatorRequest.action {
            case .requeue: try await requeue(letter, in: queue, operatorRequest)
            case .purge: await purge(letter, in: queue, operatorRequest)
            }
            return .success(letter.id)
        } catch {
            return .failure(error)
        }
    }

    private func requeue(
        _ letter: DeadLetterQueues.DeadLetter, in queue: String, _ operatorRequest: OperatorRequest
    ) async throws(SkippedDeadLetter) {
        let plan = try RequeuePlan(letter.delivery, queue: queue, worker: publisher.instance)
        guard !operatorRequest.dryRun else { return }
        async let announced: Void = announce(plan.event)
        do throws(AMQPError) {
            try await publisher.publish(plan.message, to: ExchangeName.jobs, key: plan.key)
        } catch {
            await announced
            logger.warning(
                "a dead letter could not be sent back to work", metadata: [LogKey.error: .string("\(error)")])
            throw SkippedDeadLetter(id: letter.id, reason: .enqueueFailed)
        }
        await announced
        letter.end()
        log(.recoveryRequeued, "a dead letter went back to work", letter, queue, operatorRequest)
    }

    private func purge(
        _ letter: DeadLetterQueues.DeadLetter, in queue: String, _ operatorRequest: OperatorRequest
    ) async {
        guard !operatorRequest.dryRun else { return }
        letter.end()
        log(.recoveryPurged, "a dead letter was dropped", letter, queue, operatorRequest)
        guard let event = JobEvent(purging: letter.delivery, from: queue, worker: publisher.instance) else { return }
        await announce(event)
    }

    /// Tells the world. The message is what counts: that an event is lost must not do a thing twice.
    private func announce(_ event: JobEvent) async {
        do throws(AMQPError) {
            try await publisher.publish(event)
        } catch {
            logger.warning(
                "an event could not be published",
                metadata: [LogKey.jobID: .string(event.jobID.text), LogKey.error: .string("\(error)")])
        }
    }

    private func log(
        _ event: LogEventName, _ text: Logger.Message, _ letter: DeadLetterQueues.DeadLetter, _ queue: String,
        _ operatorRequest: OperatorRequest
    ) {
        var metadata: Logger.Metadata = [
            "message_id": .string(letter.id), LogKey.queue: .string(queue), "actor": .string(operatorRequest.actor),
        ]
        if let job = DeadLetterRecord(letter.delivery, queue: queue).jobID { metadata[LogKey.jobID] = .string(job) }
        logger.log(event: event, text, metadata: metadata)
    }
}

extension DeadLetterQueues.DeadLetter {
    /// Takes it out of its lot, with its copies.
    fileprivate func end() {
        delivery.ack()
        for copy in copies { copy.ack() }
    }
}
