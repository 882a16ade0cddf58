import AMQP
public import Contracts
import Foundation
import Logging
public import ServiceLifecycle
import Synchronization

/// Consumes a stage's queues and runs its handler: decode and validate → run under the visibility timeout → settle.
///
/// Consumes only while the service is ready; otherwise the messages stay in the queue. On a graceful shutdown nothing
/// new is begun, what runs may finish within the grace time, the rest goes back to the queue.
public final class StageWorker: Service {
    /// A message that came back this often without an end is taken to be what kills the process.
    static let mostRedeliveries = 8

    let handler: any StageHandler
    let stage: Stage
    let runtime: ServiceRuntime
    let settings: StageSettings
    let settler: Settler
    let running: RunningJobs
    private let slots: PrioritySemaphore
    private let metrics: StageMetrics
    private let numbers = Mutex(0)
    let isStopping = Mutex(false)
    private let isFinished: @Sendable (JobID) async -> Bool
    let cancelled: CancelledJobs?

    /// - Parameters:
    ///   - isFinished: tells whether a job has reached its end already, so that a repeated message of an earlier stage
    ///     does not start it again.
    ///   - cancelled: knows the jobs that somebody cancelled.
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
            publisher: runtime.publisher, policy: settings.retry, standing: runtime.settings.standing)
        running = RunningJobs(timeout: settings.visibilityTimeout)
        slots = PrioritySemaphore(settings.concurrency)
        metrics = StageMetrics(handler.stage)
    }

    public func run() async throws {
        guard let subscriptions = try await subscribe() else { return }
        await withGracefulShutdownHandler {
            await withTaskGroup { others in
                others.addTask { await self.running.watch() }
                others.addTask { await self.watchCancellations() }
                for subscription in subscriptions {
                    // A gate that outlived the shutdown would start the flow again.
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
                guard mayBegin else {
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
}

// MARK: - Start and end

extension StageWorker {
    /// Waits for the broker as long as it takes; `nil` when the service is stopped before there is one.
    private func subscribe() async throws(AMQPError) -> [Subscription]? {
        var subscriptions: [Subscription] = []
        for queue in QueueName.work(stage, runtime.settings.queueType) {
            guard let subscription = try await subscribe(to: queue) else { return nil }
            subscriptions.append(subscription)
        }
        return subscriptions
    }

    private func subscribe(to queue: String) async throws(AMQPError) -> Subscription? {
        while await hasBroker() {
            do throws(AMQPError) {
                return try await runtime.consuming.subscribe(to: queue, prefetch: settings.concurrency, paused: true)
            } catch {
                guard error.isConnectionFailure else { throw error }
            }
        }
        return nil
    }

    private func hasBroker() async -> Bool {
        do {
            try await runtime.waitForBroker()
            return true
        } catch {
            return false
        }
    }

    /// What was handed out before the flow stopped, and waited for a place since, is not begun any more.
    private var mayBegin: Bool {
        !isStopping.withLock { $0 } && !Task.isCancelled && runtime.readiness.isReady
    }

    /// Hands the last acks to the broker. Without a connection they are void: everything is delivered again.
    private func flush() async {
        guard runtime.consuming.status.isUsable else { return }
        do throws(AMQPError) {
            try await runtime.consuming.flush()
        } catch {
            runtime.logger.debug("the last acks did not reach the broker", metadata: [LogKey.error: "\(error)"])
        }
    }
}

// MARK: - One delivery

extension StageWorker {
    private func process(_ delivery: Delivery) async {
        let began = ContinuousClock.now
        metrics.began(waited: delivery.waited)
        let outcome = await settle(delivery)
        metrics.ended(outcome, after: began.duration(to: .now))
    }

    /// The stages of a delivery's life, one under another.
    /// - Returns: the label of its end.
    private func settle(_ delivery: Delivery) async -> String {
        do {
            guard var run = try await read(delivery) else { return "invalid" }
            if let early = try await endEarly(&run) { return early }
            return try await work(run)
        } catch {
            // Nothing was acknowledged: the broker hands the message out again. The pause keeps a broker that refuses
            // from being asked in a tight loop.
            runtime.logger.log(
                event: .workerFailed, level: .error,
                "an outcome could not be published; the job goes back to the queue",
                metadata: [LogKey.stage: .string(stage.rawValue), LogKey.error: .string("\(error)")])
            try? await Task.sleep(for: .seconds(1))
            delivery.nack(requeue: true)
            return "requeued"
        }
    }

    private func read(_ delivery: Delivery) async throws(AMQPError) -> JobRun? {
        let envelope = JobEnvelope(delivery)
        do throws(ContractViolation) {
            let job = try Self.decode(delivery.message.body)
            return JobRun(
                delivery: delivery, envelope: envelope, job: job, stage: stage, worker: runtime.instance,
                logger: runtime.logger.with(
                    job, stage: stage, attempt: envelope.attempt, traceparent: envelope.traceparent))
        } catch {
            try await reject(delivery, envelope, error)
            return nil
        }
    }

    private static func decode(_ body: Data) throws(ContractViolation) -> JobDocument {
        guard body.count <= JobDocument.largestBody else {
            throw ContractViolation(path: "", problem: "is larger than \(JobDocument.largestBody) bytes")
        }
        return try ContractCoding.decode(JobDocument.self, from: body)
    }

    private func reject(
        _ delivery: Delivery, _ envelope: JobEnvelope, _ violation: ContractViolation
    )
        async
        throws(AMQPError)
    {
        let error = JobError(.invalidPayload, violation.description)
        try await runtime.publisher.publish(
            DeadLetter(
                delivery.message, kind: .invalid, place: stage.rawValue, error: error, envelope: envelope,
                worker: runtime.instance))
        delivery.ack()
        runtime.logger.log(
            event: .intakeRejected, level: .warning, "a message breaks the contract and was parked",
            metadata: [LogKey.stage: .string(stage.rawValue), LogKey.error: .string(error.message)])
    }

    /// Ends what need not or must not be worked on now.
    private func endEarly(_ run: inout JobRun) async throws(AMQPError) -> String? {
        if await isFinished(run.job.jobID) {
            run.delivery.ack()
            run.logger.log(event: .dedupeSkipped, "the job is finished; a repeated message was dropped")
            return "repeated"
        }
        if let dropped = try await dropIfCancelled(&run) { return dropped }
        // At the last stage the file may be in the library already: the job ends there as what it is.
        if let expiry = run.job.expiresAt, expiry < .now, stage.next != nil {
            return try await settler.settle(run, .deadLetter(JobError(.expired, "the job expired at \(expiry)")))
        }
        if let due = run.envelope.notBefore, due.since(.now) > .milliseconds(500) {
            return try await settler.postpone(run, until: due)
        }
        if run.delivery.redelivered { return try await settler.countRedelivery(run, limit: Self.mostRedeliveries) }
        return nil
    }

    // Each of a thousand jobs holds the frames of the functions that wait for its handler. What is needed only before or
    // after that is in functions of its own.

    private func work(_ run: JobRun) async throws(AMQPError) -> String {
        var run = run
        let emitter = announce(run)
        run.emitter = emitter
        let result = await perform(run, emitter)
        return try await conclude(run, result)
    }

    /// Tells the beginning while the handler works; it is confirmed before the ack like everything else.
    @inline(never)
    private func announce(_ run: JobRun) -> JobEventEmitter {
        let emitter = JobEventEmitter(runtime.publisher, job: run.job.jobID, stage: stage)
        emitter.tell(run.event(.started, stage.runningState))
        return emitter
    }

    @inline(never)
    private func conclude(
        _ run: JobRun, _ result: Result<Outcome, RunFailure>
    )
        async
        throws(AMQPError) -> String
    {
        var run = run
        switch result {
        case .success(let outcome):
            return try await end(run, outcome)
        case .failure(.stopped(.timedOut)):
            let seconds = Int(settings.visibilityTimeout / .seconds(1))
            return try await end(run, .retry(JobError(.timeout, "no progress for \(seconds) s")))
        case .failure(.stopped(.cancelled)):
            if let dropped = try await dropIfCancelled(&run) { return dropped }
            // Past cancelling: it goes on where it was.
            run.delivery.nack(requeue: true)
            return "requeued"
        case .failure(.stopped(.shutdown)):
            run.delivery.nack(requeue: true)
            return "requeued"
        case .failure(.failed(let error)):
            if !(error is JobError) {
                run.logger.log(
                    event: .workerFailed, level: .error, "a handler failed unexpectedly",
                    metadata: [LogKey.error: .string(String(describing: error).prefix(utf8: 512))])
            }
            return try await end(run, Outcome(error))
        }
    }

    private func end(_ run: JobRun, _ outcome: Outcome) async throws(AMQPError) -> String {
        switch outcome {
        case .deadLetter, .retry:
            // A job that was cancelled meanwhile must not lie among the dead letters.
            var run = run
            if let dropped = try await dropIfCancelled(&run) { return dropped }
        default: break
        }
        return try await settler.settle(run, outcome)
    }

    private func perform(_ run: JobRun, _ emitter: JobEventEmitter) async -> Result<Outcome, RunFailure> {
        let number = numbers.withLock { number in
            number += 1
            return number
        }
        let context = JobContext(
            stage: stage, attempt: run.envelope.attempt, requeues: run.envelope.requeues, worker: runtime.instance,
            logger: run.logger, renewal: { [running] in running.renewed(number) },
            tell: { [running] note in
                switch note {
                case .activity(let phase, let peer, let place):
                    if phase == .starting { running.beganAnew(number) }
                    emitter.activity(phase, peer: peer, place: place)
                case .step(let message): emitter.tell(run.step(message))
                }
            },
            report: { [running] done, total in
                if running.progressed(number, done: done) { emitter.progress(done: done, total: total) }
            })
        return await running.run(number, of: run.isPastCancelling ? nil : run.generation) { [handler] in
            try await handler.handle(run.job, context)
        }
    }
}

extension Delivery {
    /// How long ago the message was published; to the second, as AMQP has it.
    var waited: Duration? {
        message.properties.timestamp.map { .seconds(max(0, Date().timeIntervalSince1970 - Double($0))) }
    }
}
