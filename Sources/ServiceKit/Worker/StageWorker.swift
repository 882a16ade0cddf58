import AMQP
public import Contracts
import Logging
public import ServiceLifecycle
import Synchronization

/// Consumes a stage's queues and runs its handler for each delivery under the visibility timeout.
///
/// It consumes only while the service is ready; otherwise the messages stay in the queue. A graceful shutdown starts no
/// further handler. Running handlers may finish within the grace time, and other deliveries return to the queue.
public final class StageWorker: Service {
    /// How often a message may be redelivered before it ends as a dead letter: it probably crashes the process.
    static let mostRedeliveries = 8

    let handler: any StageHandler
    let stage: Stage
    let runtime: ServiceRuntime
    let settings: StageSettings
    let settler: Settler
    let running: RunningJobs
    let cancelled: CancelledJobs?
    let isFinished: @Sendable (JobID) async -> Bool
    private let slots: PrioritySemaphore
    private let metrics: StageMetrics
    private let runCount = Mutex(0)
    let isStopping = Mutex(false)

    /// - Parameters:
    ///   - isFinished: whether a job has ended, so that a repeated message of an earlier stage does not restart it.
    ///   - cancelled: the jobs that were cancelled; `nil` for a stage without cancellation.
    public init(
        _ handler: any StageHandler, runtime: ServiceRuntime,
        isFinished: @escaping @Sendable (JobID) async -> Bool = { _ in false }, cancelled: CancelledJobs? = nil
    ) {
        self.handler = handler
        self.stage = handler.stage
        self.runtime = runtime
        self.isFinished = isFinished
        self.cancelled = cancelled
        settings = runtime.settings[handler.stage]
        settler = Settler(
            publisher: runtime.publisher, policy: settings.retry, monitored: runtime.settings.monitored)
        running = RunningJobs(timeout: settings.visibilityTimeout)
        slots = PrioritySemaphore(settings.concurrency)
        metrics = StageMetrics(handler.stage)
    }

    public func run() async throws {
        guard let subscriptions = try await subscribe() else { return }
        await withGracefulShutdownHandler {
            await withTaskGroup { others in
                others.addTask { await self.running.cancelTimedOut() }
                others.addTask { await self.stopCancelledJobs() }
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
        await flush()
    }

    private func stop(_ subscriptions: [Subscription]) async {
        for subscription in subscriptions { await subscription.cancel() }
        try? await Task.sleep(for: runtime.settings.shutdownGrace)
        running.stopAll()
    }

    private func consume(_ subscriptions: [Subscription]) async {
        await withDiscardingTaskGroup { group in
            for subscription in subscriptions { group.addTask { await self.consume(subscription) } }
        }
    }

    private func consume(_ subscription: Subscription) async {
        await withDiscardingTaskGroup { group in
            for await delivery in subscription {
                await slots.acquire(PriorityClass(Int(delivery.message.properties.priority ?? 0)))
                guard mayStart else {
                    delivery.nack(requeue: true)
                    slots.release()
                    continue
                }
                group.addTask {
                    await self.process(delivery)
                    self.slots.release()
                }
            }
        }
    }

    /// Whether a delivery may start now. It may have waited for a slot while the consumption stopped.
    private var mayStart: Bool {
        !isStopping.withLock { $0 } && !Task.isCancelled && runtime.mayConsume
    }

    private func process(_ delivery: Delivery) async {
        let start = ContinuousClock.now
        metrics.began(waited: delivery.waited)
        let outcome = await settle(delivery)
        metrics.ended(outcome, after: start.duration(to: .now))
    }

    /// Returns a number that no other run of this worker has.
    func nextRunNumber() -> Int {
        runCount.withLock { count in
            count += 1
            return count
        }
    }
}
