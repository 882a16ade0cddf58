import AMQP
import Contracts
import Files
import Logging
public import ServiceLifecycle
import Synchronization

/// Consumes a stage's queues and runs its handler for each delivery, as long as the delivery is held.
///
/// It consumes only while the service is ready; otherwise the messages stay in the queue. A graceful shutdown starts no
/// further handler. Running handlers may finish within the grace time, and other deliveries return to the queue.
public final class StageWorker: Service {
    let handler: any StageHandler
    let stage: Stage
    let runtime: ServiceRuntime
    let settings: StageSettings
    let records: JobRecords
    let planner: SettlementPlanner
    let settlement: Settlement
    let running: RunningJobs
    let gate: LoneGate
    let slots: PrioritySemaphore
    let detachedLocks = DetachedLocks()
    /// The steps in the journal of the runs that continue without their deliveries, by the numbers of the runs.
    let detachedSteps = Mutex<[Int: DeliveredStep]>([:])
    private let metrics: StageMetrics
    let isStopping = Mutex(false)

    public convenience init(_ handler: any StageHandler, runtime: ServiceRuntime) {
        self.init(handler, runtime: runtime, gate: .process)
    }

    /// - Parameter gate: lets jobs run alone; tests pass their own, as several workers share a process there.
    init(_ handler: any StageHandler, runtime: ServiceRuntime, gate: LoneGate) {
        self.handler = handler
        self.stage = handler.stage
        self.runtime = runtime
        self.gate = gate
        settings = runtime.settings[handler.stage]
        records = JobRecords(StagingArea(downloads: runtime.settings.downloadsDir))
        planner = SettlementPlanner(
            messages: runtime.publisher.messages, policy: settings.retry, monitored: runtime.settings.monitored)
        settlement = Settlement(publisher: runtime.publisher, records: records)
        running = RunningJobs(timeout: runtime.settings.visibilityTimeout(handler.stage))
        slots = PrioritySemaphore(settings.concurrency)
        metrics = StageMetrics(handler.stage)
    }

    public func run() async throws {
        warnOfTimeouts()
        guard let subscriptions = try await subscribe() else { return }
        await withGracefulShutdownHandler {
            await withTaskGroup { others in
                others.addTask { await self.running.watch() }
                others.addTask { await self.stopCancelledJobs() }
                others.addTask { await self.removeOldJournals() }
                for subscription in subscriptions {
                    // A gate that runs longer than this would resume the subscription during the shutdown.
                    others.addTask { await cancelWhenGracefulShutdown { await self.runtime.gate(subscription) } }
                }
                await consume(subscriptions)
                others.cancelAll()
            }
        } onGracefulShutdown: {
            self.isStopping.withLock { $0 = true }
            Task { await self.stop(subscriptions) }
        }
        await endDetachedRuns()
        await flush()
        // On a volume that hangs, the end of the process frees the lock of the journal.
        try? await BlockingPool.markers.run(within: .seconds(5)) { [records] in records.journal.close() }
    }

    private func stop(_ subscriptions: [Subscription]) async {
        for subscription in subscriptions { await subscription.cancel() }
        try? await Task.sleep(for: runtime.settings.shutdownGrace)
        running.stopAll()
    }

    /// Waits for the runs that continue without a delivery, at most for the grace time; then stops them.
    private func endDetachedRuns() async {
        let end = ContinuousClock.now + runtime.settings.shutdownGrace
        await running.waitUntilIdle(until: end)
        running.stopAll()
        await running.waitUntilIdle(until: .now + .seconds(5))
    }

    private func consume(_ subscriptions: [Subscription]) async {
        await withDiscardingTaskGroup { group in
            let queues = QueueName.work(stage, runtime.settings.queueType)
            for (subscription, queue) in zip(subscriptions, queues) {
                let counter = runtime.status.counter(of: queue)
                group.addTask { await self.consume(subscription, counter) }
            }
        }
    }

    private func consume(_ subscription: Subscription, _ counter: DeliveryCounter) async {
        await withDiscardingTaskGroup { group in
            for await delivery in subscription {
                counter.received()
                // A delivery that waits for a slot is held like one that runs.
                let holdLimit = runtime.settings.holdLimit
                let priority = PriorityClass(Int(delivery.message.properties.priority ?? 0))
                let patience = delivery.receivedAt + holdLimit / 2 - .now
                let hasSlot = await slots.acquire(priority, within: patience)
                // The job of a deleted queue is only published again, which needs no slot.
                guard hasSlot && mayStart || delivery.mayBeGone else {
                    delivery.nack(requeue: true)
                    counter.settled()
                    if hasSlot { slots.release() }
                    continue
                }
                group.addTask {
                    let permit = RunPermit { [slots = self.slots] in if hasSlot { slots.release() } }
                    await counter.run { await self.process(delivery, permit) }
                    counter.settled()
                }
            }
        }
    }

    /// Whether a delivery may start now. It may have waited for a slot while the consumption stopped.
    var mayStart: Bool {
        !isStopping.withLock { $0 } && !Task.isCancelled && runtime.mayConsume
    }

    private func process(_ delivery: Delivery, _ permit: RunPermit) async {
        let start = ContinuousClock.now
        metrics.began(waited: delivery.waited)
        let outcome = await outcome(of: delivery, permit)
        metrics.ended(outcome, after: start.duration(to: .now))
    }

    private func warnOfTimeouts() {
        let timeout = running.timeout
        guard timeout < settings.visibilityTimeout else { return }
        runtime.logger.warning(
            """
            the visibility timeout of the stage is longer than nine tenths of HDM_BROKER_ACK_LIMIT_S, so it is \
            shortened to \(Int(timeout / .seconds(1))) s
            """, metadata: [LogKey.stage: .string(stage.rawValue)])
    }

    private func removeOldJournals() async {
        // Journals that stay only use space.
        try? await BlockingPool.markers.run(within: .seconds(60)) { [records] in try records.crashes.removeOld() }
    }
}

extension ServiceSettings {
    /// Returns the visibility timeout of a stage: no longer than nine tenths of the hold limit.
    func visibilityTimeout(_ stage: Stage) -> Duration { min(self[stage].visibilityTimeout, holdLimit * 0.9) }
}
