import AMQP
import Contracts
import Foundation
import Logging
import ServiceKit
import Synchronization

/// Publishes jobs at one end of the stages and sees them come out at the other.
final class PipelineDriver: Sendable {
    private let publishing: AMQPConnection
    private let consuming: AMQPConnection
    private let arrivals = Mutex<[String: ContinuousClock.Instant]>([:])

    init(brokerURL: String) throws {
        let logger = Logger(label: "bench") { _ in SwiftLogNoOpLogHandler() }
        let addresses = try BrokerAddress.list(brokerURL)
        publishing = AMQPConnection(
            ConnectionConfiguration(addresses: addresses, name: "bench publish"), logger: logger)
        consuming = AMQPConnection(ConnectionConfiguration(addresses: addresses, name: "bench consume"), logger: logger)
    }

    /// Declares the topology and starts to watch the events.
    func open() async throws {
        try await consuming.waitUntilOpen(timeout: .seconds(30))
        try await consuming.keep(Topology().declarations)
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

    /// Publishes jobs of about 1 KB, all at once or at a pace, and waits until every one has come out.
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
        var properties = MessageProperties()
        properties.messageID = job.id
        properties.correlationID = job.id
        properties.contentType = "application/json"
        properties.type = MessageType.job
        properties.priority = 6
        try await publishing.publish(
            Message(body: job.body, properties: properties), to: ExchangeName.jobs, key: "job.match",
            timeout: .seconds(120))
    }

    private func waitForAll(
        _ sent: [String: ContinuousClock.Instant]
    ) async throws
        -> [String: ContinuousClock.Instant]
    {
        let deadline = ContinuousClock.now + .seconds(180)
        while ContinuousClock.now < deadline {
            let seen = arrivals.withLock { $0 }
            if sent.keys.allSatisfy({ seen[$0] != nil }) { return seen }
            try await Task.sleep(for: .milliseconds(20))
        }
        throw AMQPError(.timedOut, "the jobs did not come out in three minutes")
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
