import AMQP
import Contracts
import ServiceKit

/// Waits until what a census reads stands still, and until the gateway knows what happened to the jobs.
struct CensusStandstill: Sendable {
    private let runtime: ServiceRuntime
    private let heartbeats: Heartbeats
    /// How long consumers may take to pause, and processes to say that they hold nothing.
    private let patience: Duration

    /// What is on its way to the gateway's database and to the index: events and dead letters of jobs.
    private static let records = [QueueName.gatewayEvents, QueueName.recovery]

    init(_ runtime: ServiceRuntime, heartbeats: Heartbeats, patience: Duration) {
        self.runtime = runtime
        self.heartbeats = heartbeats
        self.patience = patience
    }

    /// Why the gateway or this service may not know what happened to the jobs; `nil` if they know.
    func obstacle() async throws(AMQPError) -> String? {
        guard runtime.readiness.isReady else { return "this service is not ready" }
        guard heartbeats.held([]) != nil else { return "heartbeats are not received for long enough" }
        guard heartbeats.isReady(.gateway) else { return "the gateway is not ready, or it is paused" }
        let status = try await runtime.consuming.status(of: Self.records)
        return Self.records.first { status[$0]?.ready != 0 }.map { "the queue \($0) is not empty" }
    }

    /// Waits until no record of a job and no review is on its way, for the time of the patience at most.
    func isReached() async throws -> Bool {
        let deadline = ContinuousClock.now + patience
        var empty: ContinuousClock.Instant?
        while ContinuousClock.now < deadline {
            // Once the queues were empty, everything that was published before has been delivered.
            if empty == nil, try await obstacle() == nil { empty = .now + heartbeats.longestLag }
            if let empty, heartbeats.held(Set(Self.records + [QueueName.review]), since: empty) == 0 {
                return runtime.readiness.isReady && heartbeats.isReady(.gateway)
            }
            try await Task.sleep(for: .milliseconds(500))
        }
        return false
    }

    /// Waits until queues have no consumer.
    func hasNoConsumer(_ queues: [String]) async throws -> Bool {
        let deadline = ContinuousClock.now + patience
        while ContinuousClock.now < deadline {
            let status = try await runtime.consuming.status(of: queues)
            guard status.count == queues.count else { return false }
            if status.values.allSatisfy({ $0.consumers == 0 }) { return true }
            try await Task.sleep(for: .milliseconds(500))
        }
        return false
    }

    /// Waits until every process says what it holds, preferably nothing.
    func held(_ queues: Set<String>) async -> Int? {
        let start = ContinuousClock.now
        var held: Int?
        while ContinuousClock.now < start + patience, !Task.isCancelled {
            held = heartbeats.held(queues, since: start + heartbeats.longestLag)
            if held == 0 { return 0 }
            try? await Task.sleep(for: .milliseconds(500))
        }
        return held
    }
}
