import Contracts
import Files
import Foundation
import ServiceKit

/// Looks for messages of jobs in every queue, while the consumers of the queue pause.
///
/// The messages are fetched one by one and all returned to their places. So the time of the pause depends on the depth,
/// and a census is made only for a reason. Whenever a message could have moved unseen, the census has no result.
struct Census: Sendable {
    /// What a census found.
    struct Result: Sendable, Equatable {
        /// The jobs that are in no queue.
        var missing: Set<JobID> = []
        /// The jobs that living processes worked on at any time of the census.
        var running: Set<JobID> = []
        /// Messages that processes hold, by stage.
        var held: [Stage: Int] = [:]

        /// The jobs that are nowhere.
        var lost: Set<JobID> { missing.subtracting(running) }

        fileprivate mutating func add(_ runs: [Stage: Set<JobID>]) {
            for jobs in runs.values { running.formUnion(jobs) }
        }
    }

    /// What pauses a service during a census.
    static let marker = "census"

    private let reader: CensusReader
    private let standstill: CensusStandstill
    private let markers: PauseMarkers
    private let queues: SweptQueues
    private let inProgress: RunsInProgress
    private let instance: String

    /// How long a pause lasts when this process dies.
    private static let longestPause: Duration = .seconds(300)

    /// - Parameters:
    ///   - patience: how long consumers may take to pause, and processes to say that they hold nothing.
    ///   - deepest: the most messages of one queue that are read.
    init(
        _ runtime: ServiceRuntime, heartbeats: Heartbeats, patience: Duration = .seconds(45), deepest: Int = 100_000
    ) {
        reader = CensusReader(connection: runtime.consuming, deepest: deepest)
        standstill = CensusStandstill(runtime, heartbeats: heartbeats, patience: patience)
        markers = PauseMarkers(downloads: runtime.settings.downloadsDir)
        queues = SweptQueues(runtime.settings.queueType)
        inProgress = RunsInProgress(StagingArea(downloads: runtime.settings.downloadsDir))
        instance = runtime.instance
    }

    /// Removes the pauses that an earlier process of this service left.
    func removePauses() async throws {
        try await BlockingPool.markers.run(within: .seconds(5)) { [markers] in
            for stage in Stage.allCases { _ = try markers.resume(.service(stage.service), for: Self.marker) }
        }
    }

    /// Why no census can be made now; `nil` if one can. Pauses nothing.
    func obstacle() async throws -> String? {
        if let obstacle = try await reader.obstacle(in: queues.all) { return obstacle }
        return try await standstill.obstacle()
    }

    /// Searches for jobs.
    /// - Parameters:
    ///   - upgrades: notices that queues are replaced meanwhile.
    ///   - visit: receives the messages of the queues; it must not keep them.
    /// - Returns: `nil` when a queue could not be read completely, or when it is not known what the processes hold.
    func search(
        for jobs: Set<JobID>, _ upgrades: UpgradeWatch,
        visit: (RoutedMessage, _ queue: String) async throws -> Void
    ) async throws -> Result? {
        var result = Result(missing: jobs)
        for stage in Stage.allCases {
            guard await upgrades.isQuiet(),
                try await paused(stage, { try await readAll(of: stage, &result, upgrades, visit) })
            else { return nil }
            // Match fills the queue of the reviews.
            if stage == .match {
                guard try await read([QueueName.review], &result, upgrades, visit) else { return nil }
            }
        }
        // Again, as the gateway may have returned a review.
        guard try await read([QueueName.review], &result, upgrades, visit), try await standstill.isReached() else {
            return nil
        }
        result.add(try await runs())
        return await upgrades.isQuiet() ? result : nil
    }

    /// Reads the queues from which and to which a message of a stage can move.
    ///
    /// While the stage pauses, a message moves from a wait queue to a work queue, and only a running job returns to a wait
    /// queue. So the wait queues are read first. A job that changes its stage publishes an event.
    private func readAll(
        of stage: Stage, _ result: inout Result, _ upgrades: UpgradeWatch,
        _ visit: (RoutedMessage, String) async throws -> Void
    ) async throws -> Bool {
        // Afterwards a consumer may take a message that was not read yet.
        let end = ContinuousClock.now + Self.longestPause - .seconds(10)
        let work = queues.work(of: stage)
        guard try await standstill.hasNoConsumer(work), let held = await standstill.held(Set(work)) else {
            return false
        }
        let runs = try await runs()
        // More messages than jobs: it is not known whose they are.
        guard held <= runs[stage, default: []].count else { return false }
        result.held[stage] = held
        result.add(runs)
        guard try await read(queues.tiers + work, &result, upgrades, until: end, visit) else { return false }
        result.add(try await self.runs())
        return ContinuousClock.now < end
    }

    private func read(
        _ queues: [String], _ result: inout Result, _ upgrades: UpgradeWatch,
        until end: ContinuousClock.Instant = .now + Self.longestPause,
        _ visit: (RoutedMessage, String) async throws -> Void
    ) async throws -> Bool {
        for queue in queues {
            guard await upgrades.isQuiet(), try await reader.read(queue, &result.missing, until: end, visit) else {
                return false
            }
        }
        return true
    }

    private func runs() async throws -> [Stage: Set<JobID>] {
        try await BlockingPool.markers.run(within: .seconds(5)) { [inProgress] in try inProgress.jobs() }
    }

    /// Pauses a stage while `body` runs.
    private func paused<Value>(_ stage: Stage, _ body: () async throws -> Value) async throws -> Value {
        try await BlockingPool.markers.run(within: .seconds(5)) { [markers, instance] in
            try markers.pause(
                .service(stage.service), for: Self.marker, by: instance, until: .now + Self.longestPause)
        }
        do {
            let value = try await body()
            try await resume(stage)
            return value
        } catch {
            try? await resume(stage)
            throw error
        }
    }

    private func resume(_ stage: Stage) async throws {
        _ = try await BlockingPool.markers.runUncancelled(within: .seconds(5)) { [markers] in
            try markers.resume(.service(stage.service), for: Self.marker)
        }
    }
}

extension Stage {
    var service: ServiceName {
        switch self {
        case .match: .match
        case .download: .download
        case .tag: .tag
        case .move: .move
        }
    }
}
