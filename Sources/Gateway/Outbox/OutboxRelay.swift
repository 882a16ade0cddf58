import AMQP
import Contracts
import Foundation
import Logging
import NIOPosix
import ServiceKit
import ServiceLifecycle

/// Publishes what the outbox holds, many messages in flight at once, and forgets what the broker confirmed.
///
/// A death between the confirm and the forgetting makes a message be published twice, with the same message id; stages
/// are idempotent by job id, and an event is known by its own id.
struct OutboxRelay: Service {
    /// Entries published side by side.
    static let window = 500
    /// Must exceed ``publishTimeout``, or an entry is taken by another process while it is published here.
    static let leaseTime: Duration = .seconds(15)
    static let publishTimeout: Duration = .seconds(10)
    /// Catches what no signal tells: entries whose process died.
    static let poll: Duration = .seconds(2)

    let store: JobStore
    let connection: AMQPConnection
    let publisher: JobPublisher
    let wake: WakeSignal
    let cancelled: CancelledJobs
    let logger: Logger

    func run() async throws {
        await attempt("leases of a former process could not be given back") {
            try await store.releaseAll(of: publisher.instance)
        }
        await withGracefulShutdownHandler {
            await withTaskGroup { group in
                group.addTask { await self.raiseOnReconnect() }
                group.addTask { await self.raiseNowAndThen() }
                for await _ in wake.raised { await drain() }
                group.cancelAll()
            }
        } onGracefulShutdown: {
            wake.finish()
        }
        // What was accepted while the others stopped; the rest waits in the database for the next start.
        await drain(until: .now + .seconds(5))
    }

    private func raiseOnReconnect() async {
        for await status in connection.statusChanges where status.isUsable { wake.raise() }
    }

    private func raiseNowAndThen() async {
        repeat {
            await attempt("what waits could not be counted") {
                GatewayMetrics.outbox(depth: try await store.outboxDepth())
                GatewayMetrics.reviews(open: try await store.openReviews())
            }
            wake.raise()
        } while (try? await Task.sleep(for: Self.poll)) != nil
    }

    /// Publishes until nothing is left, or the broker does not take it; with a deadline also while shutting down.
    private func drain(until deadline: ContinuousClock.Instant? = nil) async {
        while connection.status.isUsable, deadline.map({ .now < $0 }) ?? !Task.isShuttingDownGracefully {
            guard await publishWindow() else { return }
        }
    }

    /// - Returns: whether to go on at once.
    private func publishWindow() async -> Bool {
        do {
            let entries = try await store.lease(Self.window, to: publisher.instance, for: Self.leaseTime)
            guard !entries.isEmpty else { return false }
            let failed = await publish(entries)
            let confirmed = entries.filter { failed[$0.number] == nil }
            try await store.remove(confirmed)
            announce(confirmed)
            guard let error = failed.values.first else { return true }
            report(error, count: failed.count)
            try await store.release(entries.filter { failed[$0.number] != nil }, of: publisher.instance)
            return false
        } catch {
            logger.log(
                event: .workerFailed, level: .error, "the outbox cannot be worked on; trying again",
                metadata: [LogKey.error: .string("\(error)")])
            return false
        }
    }

    /// - Returns: the errors of those that were not confirmed, by number.
    private func publish(_ entries: [OutboxEntry]) async -> [Int64: AMQPError] {
        await withTaskGroup(of: (Int64, AMQPError)?.self) { group in
            for entry in entries { group.addTask { await self.publish(entry).map { (entry.number, $0) } } }
            return await group.reduce(into: [:]) { failed, failure in
                if let (number, error) = failure { failed[number] = error }
            }
        }
    }

    private func publish(_ entry: OutboxEntry) async -> AMQPError? {
        let route = entry.route ?? route(ofNewJob: entry)
        if let error = await note(entry, route) { return error }
        let message =
            route.type == MessageType.job
            ? publisher.messages.job(
                entry.body, id: entry.jobID, priority: entry.priority, headers: route.headers,
                messageID: entry.messageID)
            : publisher.messages.message(
                entry.body, type: route.type, correlationID: entry.jobID, messageID: entry.messageID,
                headers: route.headers)
        do throws(AMQPError) {
            try await connection.publish(
                message, to: route.exchange, key: route.key, timeout: Self.publishTimeout)
            return nil
        } catch {
            return error
        }
    }

    /// A job that is cancelled is noted as such before anybody is told: the process that took the order may have died
    /// before it could.
    private func note(_ entry: OutboxEntry, _ route: OutboxRoute) async -> AMQPError? {
        guard route.type == MessageType.control,
            let order = try? ContractCoding.decode(ControlMessage.self, from: entry.body), order.order == .cancel,
            let job = order.jobID
        else { return nil }
        do {
            try await NIOThreadPool.singleton.runIfActive { [cancelled] in
                try cancelled.note(job, requeues: order.requeues ?? 0)
            }
            return nil
        } catch {
            return AMQPError(.protocolError, "\(error)")
        }
    }

    private func route(ofNewJob entry: OutboxEntry) -> OutboxRoute {
        var envelope = JobEnvelope()
        envelope.traceparent = entry.traceparent
        return OutboxRoute(
            exchange: ExchangeName.jobs, key: RoutingKey.job(.match, priority: entry.priority), type: MessageType.job,
            headers: envelope.headers)
    }
}

// MARK: - Telling

extension OutboxRelay {
    private func announce(_ entries: [OutboxEntry]) {
        GatewayMetrics.published(entries.count { $0.stage != nil })
        for entry in entries where entry.stage == .match {
            var metadata: Logger.Metadata = [
                LogKey.jobID: .string(entry.jobID), LogKey.stage: .string(Stage.match.rawValue),
                LogKey.attempt: .stringConvertible(1),
            ]
            if let batch = entry.batchID { metadata[LogKey.batchID] = .string(batch) }
            if let trace = LogKey.traceID(of: entry.traceparent) { metadata[LogKey.traceID] = .string(trace) }
            logger.log(event: .matchEnqueued, "the match queue has the job", metadata: metadata)
        }
    }

    private func report(_ error: AMQPError, count: Int) {
        logger.log(
            event: .workerFailed, level: .warning, "messages were not confirmed; trying again",
            metadata: ["messages": .stringConvertible(count), LogKey.error: .string("\(error)")])
    }

    private func attempt(_ failure: Logger.Message, _ body: () async throws -> Void) async {
        do {
            try await body()
        } catch {
            logger.log(
                event: .workerFailed, level: .warning, failure, metadata: [LogKey.error: .string("\(error)")])
        }
    }
}

extension OutboxEntry {
    /// The stage that a job goes to; `nil` for what is no job.
    fileprivate var stage: Stage? {
        guard let route else { return .match }
        guard route.type == MessageType.job else { return nil }
        let words = route.key.split(separator: ".")
        return words.count > 1 ? Stage(rawValue: String(words[1])) : nil
    }
}
