import AMQP
import Contracts
import Files
import Logging

/// Ends deliveries. It owns the event, the message that follows, and the acknowledgement.
///
/// The order is: mark the ending (dead letters only), publish the event and the message and wait for both confirms, record
/// the settlement in the journal, acknowledge. A refused or unconfirmed publish is repeated as long as the delivery is
/// held, so that a finished result is never thrown away because the broker was slow. A crash between two steps repeats
/// the step of the job; `docs/architecture.md` lists what each crash leaves.
struct Settlement: Sendable {
    /// Why a delivery could not be settled.
    enum Failure: Error {
        /// The broker delivers the message again. `isPublished` is whether event and message were confirmed.
        case lost(isPublished: Bool)
        /// The message cannot be published at all.
        case impossible(AMQPError)
        /// The volume does not accept the marker of the ending.
        case unmarked(JobError)
    }

    let publisher: JobPublisher
    let records: JobRecords

    /// Carries out a plan.
    /// - Returns: the label of the outcome in metrics.
    func perform(_ plan: SettlementPlan, for run: JobRun) async throws(Failure) -> String {
        if plan.endsGeneration, let error = plan.event?.error, try await !mark(run, error) {
            await acknowledge(run)
            return "repeated"
        }
        try await publish(plan, run)
        await acknowledge(run)
        if let line = plan.log {
            run.logger.log(event: line.event, level: line.level, "\(line.text)", metadata: line.metadata)
        }
        return plan.label
    }

    /// Acknowledges a delivery whose outcome is published, or that needs none.
    func acknowledge(_ run: JobRun) async {
        CrashPoint.pass(.settlementConfirmed)
        await record(run) { try $0.journal.settle(run.step) }
        run.delivery.ack()
        CrashPoint.pass(.settlementAcked)
    }

    /// - Returns: `false` when another message of the generation ended it, or completed the job meanwhile.
    private func mark(_ run: JobRun, _ error: JobError) async throws(Failure) -> Bool {
        do {
            return try await BlockingPool.markers.run(within: StageWorker.patience) { [records] in
                if run.stage.next != nil, records.staging.isFinished(run.job.jobID) { return false }
                let isFirst = try records.endings.end(run.generation, by: run.messageID, error)
                CrashPoint.pass(.endingMarked)
                return isFirst
            }
        } catch {
            throw .unmarked(error as? JobError ?? JobError(.internalError, "\(type(of: error))"))
        }
    }

    private func publish(_ plan: SettlementPlan, _ run: JobRun) async throws(Failure) {
        let limit = giveBack(run.delivery, at: run.holdEnds)
        defer { limit.cancel() }
        // Both at once, so that two confirms take the time of one.
        async let told = result(of: plan.event, run.delivery)
        let followed = await result(of: plan.followUp, run.delivery)
        try await told.get()
        try followed.get()
        CrashPoint.pass(.settlementPublished)
        guard run.delivery.isHeld else { throw .lost(isPublished: true) }
    }

    private func result(of event: JobEvent?, _ delivery: Delivery) async -> Result<Void, Failure> {
        guard let event else { return .success(()) }
        do throws(Failure) {
            try await publish(try encoded(event), ExchangeName.events, event.routingKey, delivery)
            return .success(())
        } catch {
            return .failure(error)
        }
    }

    private func result(of next: SettlementPlan.FollowUp?, _ delivery: Delivery) async -> Result<Void, Failure> {
        guard let next else { return .success(()) }
        do throws(Failure) {
            try await publish(next.message, next.exchange, next.key, delivery)
            return .success(())
        } catch {
            return .failure(error)
        }
    }

    /// Returns a delivery to the broker at the hold limit, which withdraws its publishes. It is settled later.
    private func giveBack(_ delivery: Delivery, at limit: ContinuousClock.Instant) -> Task<Void, Never> {
        Task {
            // At the hold limit itself, a broker that accepts messages has a moment to confirm.
            let limit = max(limit, .now + .seconds(10))
            guard (try? await Task.sleep(until: limit, clock: .continuous)) != nil else { return }
            delivery.nack(requeue: true)
        }
    }

    /// Publishes a dead letter until the broker confirms it, the delivery is lost, or the hold limit.
    func publish(
        _ letter: DeadLetter, _ delivery: Delivery, until limit: ContinuousClock.Instant
    ) async throws(Failure) {
        let timer = giveBack(delivery, at: limit)
        defer { timer.cancel() }
        try await publish(letter.marked, ExchangeName.deadLetters, letter.routingKey, delivery)
    }

    private func encoded(_ event: JobEvent) throws(Failure) -> Message {
        do {
            return try publisher.message(event)
        } catch {
            throw .impossible(error)
        }
    }

    /// Publishes a message until the broker confirms it or the delivery is lost.
    private func publish(
        _ message: Message, _ exchange: String, _ key: String, _ delivery: Delivery
    ) async throws(Failure) {
        var pause = Duration.milliseconds(200)
        while true {
            do throws(AMQPError) {
                return try await publisher.publish(message, to: exchange, key: key, for: delivery)
            } catch {
                switch error.code {
                case .invalidMessage, .protocolError: throw .impossible(error)
                case .staleDelivery, .closed: throw .lost(isPublished: false)
                default: guard delivery.isHeld else { throw .lost(isPublished: false) }
                }
            }
            try? await Task.sleep(for: pause)
            pause = min(pause * 2, .seconds(5))
        }
    }

    private func record(_ run: JobRun, _ body: @escaping @Sendable (JobRecords) throws -> Void) async {
        do {
            try await BlockingPool.markers.runUncancelled(within: .seconds(5)) { [records] in try body(records) }
        } catch {
            // The journal is for counting: without the entry, a crash repeats the step.
            run.logger.debug("cannot write the journal", metadata: [LogKey.error: "\(error)"])
        }
    }
}

extension JobEvent {
    /// The error of an event of a failure.
    fileprivate var error: JobError? { code.map { JobError($0, message ?? "") } }
}
