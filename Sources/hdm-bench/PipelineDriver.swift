import AMQP
import Contracts
import Foundation
import Logging
import ServiceKit
import Synchronization

/// Publishes jobs to the first stage and measures when the last stage completes them.
final class PipelineDriver: Sendable {
    private let publishing: AMQPConnection
    private let consuming: AMQPConnection
    private let messages = MessageBuilder(instance: "bench")
    private let arrivals = Mutex<[String: ContinuousClock.Instant]>([:])

    init(brokerURL: String) throws {
        let logger = Logger(label: "bench") { _ in SwiftLogNoOpLogHandler() }
        let addresses = try BrokerAddress.list(brokerURL)
        publishing = AMQPConnection(
            ConnectionConfiguration(addresses: addresses, name: "bench publish"), logger: logger)
        consuming = AMQPConnection(ConnectionConfiguration(addresses: addresses, name: "bench consume"), logger: logger)
    }

    /// Declares the topology and subscribes to the events.
    func open() async throws {
        try await consuming.waitUntilOpen(timeout: .seconds(30))
        try await consuming.declare(Topology().declarations)
        let events = try await consuming.subscribe(to: QueueName.gatewayEvents, prefetch: 2000)
        Task {
            for await event in events {
                if event.routingKey == "job.move.completed", let id = event.message.properties.correlationID {
                    self.arrivals.withLock { $0[id] = .now }
                }
                event.ack()
            }
        }
    }

    func close() async {
        await consuming.close()
        await publishing.close()
    }

    /// Publishes jobs of about 1 KB and waits until every job is completed.
    /// - Parameter pace: the time between two publishes; `nil` publishes all at once.
    /// - Returns: the whole time, and each job's time from publish to completion.
    func run(_ count: Int, pace: Duration?) async throws -> (whole: Duration, each: [Duration]) {
        let jobs = (0..<count).map { Self.job($0) }
        let begin = ContinuousClock.now
        var sent: [String: ContinuousClock.Instant] = [:]
        try await withThrowingTaskGroup { group in
            for (index, job) in jobs.enumerated() {
                if let pace { try await ContinuousClock().sleep(until: begin + pace * index) }
                sent[job.id] = .now
                group.addTask { try await self.publish(job) }
            }
            try await group.waitForAll()
        }
        let ends = try await waitForAll(sent)
        let last = ends.values.max() ?? begin
        return (begin.duration(to: last), sent.map { id, start in start.duration(to: ends[id] ?? last) })
    }

    private func publish(_ job: (id: String, body: Data)) async throws {
        let message = messages.job(
            job.body, id: job.id, priority: 6, headers: JobEnvelope().headers, messageID: job.id)
        try await publishing.publish(message, to: ExchangeName.jobs, key: "job.match", timeout: .seconds(120))
    }

    private func waitForAll(
        _ sent: [String: ContinuousClock.Instant]
    ) async throws -> [String: ContinuousClock.Instant] {
        let deadline = ContinuousClock.now + .seconds(180)
        while ContinuousClock.now < deadline {
            let seen = arrivals.withLock { $0 }
            if sent.keys.allSatisfy({ seen[$0] != nil }) { return seen }
            try await Task.sleep(for: .milliseconds(20))
        }
        throw AMQPError(.timedOut, "the jobs were not completed within three minutes")
    }

    private static func job(_ number: Int) -> (id: String, body: Data) {
        var job = JobDocument(
            batchID: "bench", requestedBy: "bench", track: Track(artist: "Artist \(number)", title: "Title \(number)"))
        job.track.album = "An album"
        job.unknown["padding"] = .string(String(repeating: "x", count: 640))
        let body = (try? ContractCoding.encode(job)) ?? Data()
        return (job.jobID.text, body)
    }
}
