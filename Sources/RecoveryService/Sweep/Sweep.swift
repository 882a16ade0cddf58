import AMQP
import Contracts
import Files
import Foundation
import Logging
import ServiceKit

/// Finds jobs whose message the broker no longer has, and reports them as dead letters.
///
/// A job is not stuck because nothing is heard of it: behind ten thousand others it is silent for days. So counts are
/// compared first, and only a difference that stays leads to a census of the queues.
actor Sweep {
    private let runtime: ServiceRuntime
    private let index: DeadLetterIndex
    private let jobs: any ActiveJobs
    private let heartbeats: Heartbeats
    private let census: Census
    private let queues: SweptQueues
    private let inProgress: RunsInProgress
    private var patience: SweepPatience

    /// The most jobs that one census searches for.
    private static let mostSuspects = 100_000

    init(
        _ runtime: ServiceRuntime, index: DeadLetterIndex, jobs: any ActiveJobs, heartbeats: Heartbeats, census: Census,
        patience: Duration
    ) {
        self.runtime = runtime
        self.index = index
        self.jobs = jobs
        self.heartbeats = heartbeats
        self.census = census
        queues = SweptQueues(runtime.settings.queueType)
        inProgress = RunsInProgress(StagingArea(downloads: runtime.settings.downloadsDir))
        self.patience = SweepPatience(patience: patience)
    }

    /// Compares the counts once, and makes a census if one is due.
    func step(at time: ContinuousClock.Instant = .now) async throws {
        guard !runtime.pauses.isUpgrading else { return patience.reset() }
        patience.compare(active: try await jobs.count(), found: try await messages(), at: time)
        let isDaily = try await index.isCensusDue(every: SweepPatience.day)
        guard patience.isOver(at: time) || isDaily else { return }
        // Whatever the result: consumers pause once in the time of the patience at most.
        patience.reset()
        try await sweep()
        try await index.recordCensus()
    }

    /// The messages of jobs in queues, in the hands of services, and on their way back to a queue.
    private func messages() async throws -> Int? {
        guard let held = heartbeats.held(Set(queues.consumed)) else { return nil }
        var count = held + (try await index.unroutedCount())
        for queue in queues.all { count += try await ready(queue) }
        return count
    }

    private func ready(_ queue: String) async throws(AMQPError) -> Int {
        do {
            return try await runtime.consuming.status(of: queue).ready
        } catch  where error.code == .notFound {
            return 0
        }
    }

    private func sweep() async throws {
        let quietSince = Timestamp.now + (.zero - patience.patience)
        let suspects = try await jobs.quiet(since: quietSince, limit: Self.mostSuspects) { _ in true }
        let strangers = StrangeJobs()
        let result = try await census.search(for: Set(suspects.map(\.jobID))) { routed, queue in
            strangers.visit(routed, queue)
        }
        try await strangers.send(to: jobs)
        guard let result else { return log(suspects.count, nil, reported: 0) }
        let runs = try await BlockingPool.markers.run { [inProgress] in try inProgress.jobs() }
        let reported = try await report(result.lost(runs), quietSince, suspects)
        log(suspects.count, result, reported: reported)
    }

    /// Reports missing jobs of which nothing was heard during the census either.
    private func report(
        _ missing: Set<JobID>, _ quietSince: Timestamp, _ suspects: [ActiveJob]
    ) async throws -> Int {
        guard !missing.isEmpty else { return 0 }
        let earlier = Dictionary(suspects.map { ($0.jobID, $0) }) { first, _ in first }
        let present = try await jobs.quiet(since: quietSince, limit: Self.mostSuspects) { job in
            missing.contains(job.jobID) && earlier[job.jobID] == job
        }
        var count = 0
        for job in present {
            let entry = try await index.openEntry(of: job.jobID)
            // A job that no queue took is on its way back.
            if entry?.record.cause == .unrouted { continue }
            try await runtime.publisher.publish(JobEvent(missing: job, entry?.record, worker: runtime.instance))
            count += 1
        }
        return count
    }

    private func log(_ suspects: Int, _ result: Census.Result?, reported: Int) {
        var metadata: Logger.Metadata = [
            "suspects": .stringConvertible(suspects), "reported": .stringConvertible(reported),
        ]
        if let result {
            metadata["missing"] = .stringConvertible(result.missing.count)
            metadata["held"] = .stringConvertible(result.held.values.reduce(result.heldReviews, +))
        }
        let text: Logger.Message =
            result == nil
            ? "the search for stuck jobs was incomplete; it is repeated" : "the search for stuck jobs has ended"
        runtime.logger.log(event: .recoverySwept, level: reported > 0 ? .warning : .info, text, metadata: metadata)
    }
}

extension JobEvent {
    /// Creates the event of a job whose message is gone. The gateway knows the job's key and names.
    /// - Parameter record: the job's dead letter, if its event did not arrive.
    init(missing job: ActiveJob, _ record: DeadLetterRecord?, worker: String) {
        let document = JobDocument(
            jobID: job.jobID, dedupeKey: "", track: Track(artist: "", title: ""))
        self.init(
            .deadLettered, of: document, at: job.stage, state: .deadLetter, hop: JobEvent.lastHop,
            requeues: job.generation, attempt: 1, worker: worker)
        code = record.flatMap { ErrorCode(rawValue: $0.reason) } ?? .internalError
        let lost =
            "the broker no longer has the message of this job, for example because a queue was purged; retry the job, or "
            + "submit it again"
        // A dead letter is requeued from the index. Without one, only the gateway can restart the job.
        if record == nil { isMessageLost = true }
        message = (record?.error ?? lost).prefix(utf8: JobError.longestMessage)
    }
}
