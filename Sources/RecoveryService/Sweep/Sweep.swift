import AMQP
import Contracts
import Files
import Foundation
import Logging
import ServiceKit

/// Finds jobs whose message the broker no longer has, and reports how they ended: as dead letters, or as completed.
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
    private let markers: PauseMarkers
    private let staging: StagingArea
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
        markers = PauseMarkers(downloads: runtime.settings.downloadsDir)
        staging = StagingArea(downloads: runtime.settings.downloadsDir)
        self.patience = SweepPatience(patience: patience)
    }

    /// Compares the counts once, and makes a census if one is due.
    func step(at time: ContinuousClock.Instant = .now) async throws {
        await runtime.pauses.refresh()
        guard !runtime.pauses.isUpgrading else { return patience.reset() }
        patience.compare(active: try await jobs.count(), found: try await messages(), at: time)
        let isDaily = try await index.isCensusDue(every: SweepPatience.day)
        guard patience.isOver(at: time) || isDaily, patience.allowsCensus(at: time) else { return }
        if let obstacle = try await census.obstacle() { return log(incomplete: obstacle) }
        // Consumers pause once in the time of the patience at most, and less often without a result.
        patience.recordCensus(isComplete: false, at: time)
        let isComplete = try await UpgradeWatch.during(markers) { try await sweep($0) }
        guard isComplete else { return log(incomplete: "what the queues or the processes hold is not known") }
        patience.recordCensus(isComplete: true, at: time)
        try await index.recordCensus()
    }

    /// The messages of jobs in queues, in the hands of services, and on their way back to a queue.
    /// - Returns: `nil` while that is not known.
    private func messages() async throws -> Int? {
        guard let held = heartbeats.held(Set(queues.consumed)) else { return nil }
        let status = try await runtime.consuming.status(of: queues.all)
        guard status.count == queues.all.count else { return nil }
        return status.values.reduce(held + (try await index.unroutedCount())) { $0 + $1.ready }
    }

    /// - Returns: whether every queue was read, and the processes said what they hold.
    private func sweep(_ upgrades: UpgradeWatch) async throws -> Bool {
        let quietSince = Timestamp.now + (.zero - patience.patience)
        let suspects = try await jobs.quiet(since: quietSince, limit: Self.mostSuspects) { _ in true }
        let strangers = StrangeJobs()
        let result = try await census.search(for: Set(suspects.map(\.jobID)), upgrades) { routed, queue in
            strangers.visit(routed, queue)
        }
        try await strangers.send(to: jobs)
        guard let result else { return false }
        let endings = try await endings(of: result.lost, quietSince, suspects)
        // Only now: what is reported must have been true until here.
        guard await upgrades.isQuiet(), runtime.readiness.isReady else { return false }
        for ending in endings { try await runtime.publisher.publish(ending) }
        log(suspects.count, result, reported: endings.count)
        return true
    }

    /// Returns the endings of the missing jobs of which nothing was heard during the census either.
    private func endings(
        of missing: Set<JobID>, _ quietSince: Timestamp, _ suspects: [ActiveJob]
    ) async throws -> [JobEvent] {
        guard !missing.isEmpty else { return [] }
        let earlier = Dictionary(suspects.map { ($0.jobID, $0) }) { first, _ in first }
        let present = try await jobs.quiet(since: quietSince, limit: Self.mostSuspects) { job in
            missing.contains(job.jobID) && earlier[job.jobID] == job
        }
        var endings: [JobEvent] = []
        for job in present {
            if let ending = try await ending(of: job) { endings.append(ending) }
        }
        return endings
    }

    /// - Returns: `nil` for a job that no queue took and that is on its way back.
    private func ending(of job: ActiveJob) async throws -> JobEvent? {
        if try await isFinished(job.jobID) { return JobEvent(finished: job, worker: runtime.instance) }
        let entry = try await index.openEntry(of: job.jobID)
        if let entry, entry.record.cause == .unrouted, !entry.isGivenUp { return nil }
        return JobEvent(missing: job, entry?.record, worker: runtime.instance)
    }

    /// Whether the job's file is in the library: only the event of that was lost.
    private func isFinished(_ job: JobID) async throws -> Bool {
        try await BlockingPool.markers.run(within: .seconds(5)) { [staging] in staging.isFinished(job) }
    }

    private func log(incomplete reason: String) {
        runtime.logger.log(
            event: .recoverySwept, level: .info, "the search for stuck jobs had no result; it is repeated",
            metadata: ["reason": .string(reason)])
    }

    private func log(_ suspects: Int, _ result: Census.Result, reported: Int) {
        runtime.logger.log(
            event: .recoverySwept, level: reported > 0 ? .warning : .info, "the search for stuck jobs has ended",
            metadata: [
                "suspects": .stringConvertible(suspects), "missing": .stringConvertible(result.missing.count),
                "held": .stringConvertible(result.held.values.reduce(0, +)), "reported": .stringConvertible(reported),
            ])
    }
}
