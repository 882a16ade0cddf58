import AMQP
import Contracts
import Files
import Foundation
import Logging
import ServiceKit

/// Looks for messages of jobs in every queue, while the consumers of the queue pause.
///
/// The messages are fetched one by one and all returned to their places. So the time of the pause depends on the depth,
/// and a census is made only for a reason.
struct Census: Sendable {
    /// What a census found.
    struct Result: Sendable, Equatable {
        /// The jobs that are in no queue.
        var missing: Set<JobID> = []
        /// Messages that processes hold, by stage.
        var held: [Stage: Int] = [:]
        /// Reviews that the gateway has not stored yet.
        var heldReviews = 0
        /// Jobs that were found.
        var found = 0
    }

    /// What pauses a service during a census.
    static let marker = "census"

    private let connection: AMQPConnection
    private let heartbeats: Heartbeats
    private let markers: PauseMarkers
    private let queues: SweptQueues
    private let instance: String

    /// How long consumers may take to pause, and processes to say that they hold nothing.
    private let patience: Duration
    /// How long a pause lasts when this process dies.
    private static let longestPause: Duration = .seconds(300)
    /// The most messages of one queue that are read.
    private static let deepest = 100_000

    init(_ runtime: ServiceRuntime, heartbeats: Heartbeats, patience: Duration = .seconds(45)) {
        connection = runtime.consuming
        self.heartbeats = heartbeats
        markers = PauseMarkers(downloads: runtime.settings.downloadsDir)
        queues = SweptQueues(runtime.settings.queueType)
        instance = runtime.instance
        self.patience = patience
    }

    /// Removes the pauses that an earlier process of this service left.
    func removePauses() async throws {
        for stage in Stage.allCases { try await resume(stage) }
    }

    /// Searches for jobs.
    /// - Parameter visit: receives the messages of the queues; it must not keep them.
    /// - Returns: `nil` when a queue could not be read completely, or when it is not known what the processes hold.
    func search(
        for jobs: Set<JobID>, visit: (RoutedMessage, _ queue: String) async throws -> Void
    ) async throws -> Result? {
        guard let reviews = heartbeats.held([QueueName.review]) else { return nil }
        var result = Result(missing: jobs, heldReviews: reviews)
        // A message can move from a wait queue to a work queue in between, and a stage can return one to a wait queue.
        // So the wait queues are read before and after the work queues.
        for queue in queues.tiers + [QueueName.review] {
            guard try await read(queue, &result, visit) else { return nil }
        }
        for stage in Stage.allCases {
            guard let held = try await paused(stage, { try await self.readAll(of: stage, &result, visit) }) else {
                return nil
            }
            result.held[stage] = held
        }
        for queue in queues.tiers { guard try await read(queue, &result, visit) else { return nil } }
        return result
    }

    private func readAll(
        of stage: Stage, _ result: inout Result, _ visit: (RoutedMessage, String) async throws -> Void
    ) async throws -> Int? {
        let end = ContinuousClock.now + Self.longestPause - .seconds(10)
        let work = queues.work(of: stage)
        guard try await hasNoConsumer(work), let held = await held(Set(work)) else { return nil }
        for queue in work { guard try await read(queue, &result, visit) else { return nil } }
        // After the end of the pause, a consumer may have taken a message that was not read yet.
        return ContinuousClock.now < end ? held : nil
    }

    /// Pauses a stage while `body` runs.
    private func paused<Value>(_ stage: Stage, _ body: () async throws -> Value) async throws -> Value {
        try await BlockingPool.markers.run { [markers, instance] in
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
        _ = try await BlockingPool.markers.run { [markers] in
            try markers.resume(.service(stage.service), for: Self.marker)
        }
    }

    private func hasNoConsumer(_ queues: [String]) async throws -> Bool {
        let deadline = ContinuousClock.now + patience
        while ContinuousClock.now < deadline {
            var consumers = 0
            for queue in queues { consumers += try await connection.status(of: queue).consumers }
            if consumers == 0 { return true }
            try await Task.sleep(for: .milliseconds(500))
        }
        return false
    }

    /// Waits until every process says what it holds, preferably nothing.
    private func held(_ queues: Set<String>) async -> Int? {
        let start = ContinuousClock.now
        var held: Int?
        while ContinuousClock.now < start + patience, !Task.isCancelled {
            held = heartbeats.held(queues, since: start)
            if held == 0 { return 0 }
            try? await Task.sleep(for: .milliseconds(500))
        }
        return held
    }

    /// - Returns: `false` when the queue is deeper than the limit.
    private func read(
        _ queue: String, _ result: inout Result, _ visit: (RoutedMessage, String) async throws -> Void
    ) async throws -> Bool {
        do {
            let found = try await connection.inspect(queue) { inspection -> [JobID]? in
                var found: [JobID] = []
                var count = 0
                while let delivery = try await inspection.next() {
                    count += 1
                    guard count <= Self.deepest else { return nil }
                    if let job = Self.job(of: delivery), result.missing.contains(job) { found.append(job) }
                    try await visit(RoutedMessage(delivery), queue)
                }
                return found
            }
            guard let found else { return false }
            result.missing.subtract(found)
            result.found += found.count
            return true
        } catch let error as AMQPError where error.code == .notFound {
            return true
        }
    }

    /// Services set the correlation id of every job's message; other publishers need not.
    private static func job(of delivery: Delivery) -> JobID? {
        delivery.message.properties.correlationID.flatMap { JobID($0) }
            ?? (try? JobBody(delivery.message.body))?.document.jobID
    }
}

extension Census.Result {
    /// Removes the jobs that processes work on.
    /// - Parameter runs: the jobs that living processes work on, by stage.
    /// - Returns: the jobs that are nowhere. None, if processes hold messages of jobs that are not known.
    func lost(_ runs: [Stage: Set<JobID>]) -> Set<JobID> {
        guard heldReviews == 0, held.allSatisfy({ $0.value <= runs[$0.key, default: []].count }) else { return [] }
        return runs.values.reduce(missing) { $0.subtracting($1) }
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
