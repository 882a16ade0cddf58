import AMQP
import Contracts
import Files
import Foundation
import JobLedger
import Logging
import ServiceKit
import ServiceLifecycle

/// Carries out the entries of the outbox concurrently, and deletes those that are done.
///
/// If the process dies between confirm and deletion, a message is published twice with the same message id. Stages
/// recognise the job, generation and hop; events have an id of their own, and the planner recognises the id of an
/// expansion.
struct OutboxRelay: Service {
    /// How many entries are published concurrently.
    static let window = 500
    /// Must exceed ``OutboxPublisher/timeout``, or another process publishes an entry at the same time.
    static let leaseTime: Duration = .seconds(15)
    /// Finds entries without a signal: those of a process that died.
    static let poll: Duration = .seconds(2)

    let store: JobStore
    let connection: AMQPConnection
    let publisher: OutboxPublisher
    let enqueued: EnqueuedJobs
    let wake: WakeSignal
    /// During `hdm topology upgrade` entries wait in the database: a link could be lost with the queue that it was
    /// published to.
    let pauses: PauseState
    let logger: Logger
    private let damaged = DamagedRows()

    func run() async throws {
        await pauses.refresh()
        await attempt("the leases of a former process could not be ended") {
            try await store.releaseAll(of: publisher.instance)
        }
        await withGracefulShutdownHandler {
            await withTaskGroup { group in
                group.addTask { await self.raiseOnReconnect() }
                group.addTask { await self.raisePeriodically() }
                for await _ in wake.raised { await drain() }
                group.cancelAll()
            }
        } onGracefulShutdown: {
            wake.finish()
        }
        // Publishes what was accepted during the shutdown. The rest waits in the database for the next start.
        await drain(until: .now + .seconds(5))
    }

    private func raiseOnReconnect() async {
        for await status in connection.statusChanges where status.isUsable { wake.raise() }
    }

    private func raisePeriodically() async {
        repeat {
            await attempt("waiting messages and reviews could not be counted") {
                GatewayMetrics.outbox(depth: try await store.outboxDepth())
                GatewayMetrics.reviews(open: try await store.openReviews())
            }
            wake.raise()
        } while (try? await Task.sleep(for: Self.poll)) != nil
    }

    /// Publishes until the outbox is empty or the broker refuses; with a deadline also during a shutdown.
    private func drain(until deadline: ContinuousClock.Instant? = nil) async {
        while connection.status.isUsable, !pauses.isUpgrading,
            deadline.map({ .now < $0 }) ?? !Task.isShuttingDownGracefully
        {
            guard await publishWindow() else { return }
        }
    }

    /// - Returns: Whether to continue immediately.
    private func publishWindow() async -> Bool {
        do {
            let entries = try await store.lease(
                Self.window, to: publisher.instance, for: Self.leaseTime
            ) { [damaged, logger] row in damaged.report(row, logger) }
            guard !entries.isEmpty else { return false }
            let failed = await carryOut(entries)
            let confirmed = entries.filter { failed[$0.messageID] == nil }
            CrashPoint.pass(.outboxConfirmed)
            await remove(confirmed)
            await enqueued.announce(confirmed)
            guard let error = failed.values.first else { return true }
            logger.log(
                event: .workerFailed, level: .warning, "messages were not confirmed; trying again",
                metadata: ["messages": .stringConvertible(failed.count), LogKey.error: .string("\(error)")])
            try await store.release(entries.filter { failed[$0.messageID] != nil }, of: publisher.instance)
            return false
        } catch {
            logger.log(
                event: .workerFailed, level: .error, "the outbox failed; trying again",
                metadata: [LogKey.error: .string("\(error)")])
            return false
        }
    }

    /// Deletes confirmed entries, however long the database fails: if their leases expired, they would be published again
    /// every few seconds.
    private func remove(_ entries: [OutboxEntry]) async {
        var pause = GrowingPause(from: .milliseconds(200), to: Self.leaseTime / 3)
        while true {
            do {
                return try await store.remove(entries)
            } catch {
                logger.log(
                    event: .workerFailed, level: .error, "published messages could not be deleted; trying again",
                    metadata: [
                        "messages": .stringConvertible(entries.count), LogKey.error: .string("\(error)"),
                    ])
                guard !Task.isShuttingDownGracefully, (try? await Task.sleep(for: pause.next())) != nil else { return }
            }
        }
    }

    /// - Returns: The errors of the entries that are not done, by message id.
    private func carryOut(_ entries: [OutboxEntry]) async -> [String: any Error] {
        await withTaskGroup(of: (String, any Error)?.self) { group in
            for entry in entries {
                group.addTask { await self.publisher.carryOut(entry).map { (entry.messageID, $0) } }
            }
            return await group.reduce(into: [:]) { failed, failure in
                if let (id, error) = failure { failed[id] = error }
            }
        }
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
