import AMQP
import Contracts
import CoreMetrics
import Logging
import ServiceKit
import ServiceLifecycle

/// Writes the copy of every dead letter into the index.
struct IndexService: Service {
    let index: DeadLetterIndex
    let runtime: ServiceRuntime

    /// Enough to keep the database busy while acks travel.
    private static let prefetch = 100

    func run() async throws {
        try await runtime.waitForBroker()
        let subscription = try await runtime.consuming.subscribe(
            to: QueueName.recovery, prefetch: Self.prefetch, paused: true)
        await cancelWhenGracefulShutdown {
            await withTaskGroup { group in
                group.addTask { await self.runtime.gate(subscription) }
                group.addTask { for await delivery in subscription { await self.take(delivery) } }
                await group.waitForAll()
            }
        }
        await subscription.cancel()
    }

    /// Acknowledged after the commit. Doing it again changes nothing.
    private func take(_ delivery: Delivery) async {
        let record = DeadLetterRecord(delivery)
        do {
            if try await index.note(record) { log(record) }
            delivery.ack()
        } catch  where Task.isCancelled {
            // The end of the service: it is handed out again.
            delivery.nack(requeue: true)
        } catch {
            runtime.logger.log(
                event: .workerFailed, level: .error, "a dead letter could not be indexed; it is tried again",
                metadata: [LogKey.error: .string("\(error)")])
            // The database's check stops the flow; until then a pause keeps this from being a tight loop.
            try? await Task.sleep(for: .seconds(1))
            delivery.nack(requeue: true)
        }
    }

    private func log(_ record: DeadLetterRecord) {
        var metadata: Logger.Metadata = [
            "message_id": .string(record.id), LogKey.queue: .string(record.queue),
            LogKey.code: .string(record.reason), LogKey.error: .string(record.error),
            LogKey.attempt: .stringConvertible(record.attempt),
        ]
        if let job = record.jobID { metadata[LogKey.jobID] = .string(job) }
        if let stage = record.stage { metadata[LogKey.stage] = .string(stage) }
        runtime.logger.log(
            event: .recoveryDeadLettered, level: .warning, "a dead letter was indexed", metadata: metadata)
    }
}

/// Measures how full the parking lots are.
struct DepthService: Service {
    let operations: DeadLetterOperations
    var metrics: any MetricsFactory = MetricsSystem.factory

    func run() async throws {
        await cancelWhenGracefulShutdown {
            repeat { await self.measure() } while (try? await Task.sleep(for: .seconds(15))) != nil
        }
    }

    /// A broker that is away says nothing: the last numbers stay, readiness tells the rest.
    func measure() async {
        guard let depths = try? await operations.depths() else { return }
        for (queue, depth) in depths {
            Gauge(label: "hdm_dlq_depth", dimensions: [("queue", queue)], factory: metrics).record(depth)
        }
    }
}

/// Compares the parking lots with the index at the start and now and then: what never had a copy, what a lost index
/// does not know, what other tools moved.
struct SurveyService: Service {
    let operations: DeadLetterOperations
    let settings: RecoverySettings
    let readiness: Readiness

    func run() async throws {
        await cancelWhenGracefulShutdown {
            for await isReady in self.readiness.changes where isReady { break }
            while !Task.isCancelled {
                do {
                    try await self.operations.survey()
                    try await self.operations.index.forget(
                        endedBefore: .now + .seconds(-86_400 * self.settings.retentionDays))
                } catch {
                    self.operations.logger.warning(
                        "the parking lots could not be looked at", metadata: [LogKey.error: .string("\(error)")])
                }
                try? await Task.sleep(for: self.settings.surveyInterval)
            }
        }
    }
}
