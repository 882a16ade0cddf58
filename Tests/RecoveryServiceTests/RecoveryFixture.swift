import AMQP
import Contracts
import Foundation
import Logging
import ServiceKit
import ServiceLifecycle
import TestSupport

@testable import RecoveryService

#if canImport(FoundationNetworking)
import FoundationNetworking
#endif

/// A recovery service in this process. It has its own virtual host, folder and port.
struct RecoveryFixture: Sendable {
    let vhost: TestVhost
    let folder: TemporaryFolder
    let runtime: ServiceRuntime

    private static let serviceKey = "the-services-key"

    /// Runs a test while the service runs, and stops the service in any case.
    static func run(
        _ settings: [String: String] = [:], _ test: @Sendable (RecoveryFixture) async throws -> Void
    ) async throws {
        try await withVhost { vhost in
            try await withTemporaryFolder { folder in
                try await RecoveryFixture(vhost, folder, settings).serve(test)
            }
        }
    }

    init(_ vhost: TestVhost, _ folder: TemporaryFolder, _ settings: [String: String] = [:]) throws {
        self.vhost = vhost
        self.folder = folder
        try FileManager.default.createDirectory(atPath: folder.path("downloads"), withIntermediateDirectories: true)
        let own = [
            "HDM_AMQP_URL": vhost.url, "DOWNLOADS_DIR": folder.path("downloads"), "HDM_STATE_DIR": folder.path("state"),
            "HDM_HTTP_HOST": "127.0.0.1", "HDM_HTTP_PORT": String(try FreePorts.reserve(1)[0]),
            "HARMONY_LOG_LEVEL": "critical", "HDM_SERVICE_KEY": Self.serviceKey,
        ]
        runtime = try ServiceRuntime(
            .recovery, Settings(environment: own.merging(settings) { _, new in new }),
            logger: Logger(label: "test") { _ in SilentLog() })
    }

    /// Starts the service, runs a test and stops the service.
    func serve(_ test: @Sendable (RecoveryFixture) async throws -> Void) async throws {
        let result: Result<Void, any Error>
        do {
            try await runtime.publishing.declare(Topology().declarations)
            let poll = ReadinessPoll(
                runtime.readiness, every: .milliseconds(100), watching: [runtime.publishing, runtime.consuming])
            let group = ServiceGroup(
                services: [poll] + (try await Recovery.build(runtime)),
                logger: Logger(label: "test") { _ in SilentLog() })
            let running = Task { try await group.run() }
            do {
                try await eventually("the service is ready") { try await get("/ready")?.status == 200 }
                try await test(self)
                result = .success(())
            } catch {
                result = .failure(error)
            }
            await group.triggerGracefulShutdown()
            try await running.value
        } catch {
            await close()
            throw error
        }
        await close()
        try result.get()
    }

    private func close() async {
        await runtime.consuming.close()
        await runtime.publishing.close()
    }

    private struct SilentLog: LogHandler {
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.critical
        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }
        func log(event: LogEvent) {}
    }
}

// MARK: - HTTP

extension RecoveryFixture {
    struct Reply: Sendable {
        let status: Int
        let body: JSONValue

        var data: JSONValue { body["data"] ?? .null }
        var code: String? { body["error"]?["code"]?.stringValue }
    }

    /// Returns `nil` while nothing listens on the port.
    func get(_ path: String) async throws -> Reply? {
        do {
            return try await send("GET", path, nil)
        } catch is URLError {
            return nil
        }
    }

    func list(_ query: String = "") async throws -> [JSONValue] {
        guard case .array(let items)? = try await send("GET", "/api/v1/dlq?\(query)", nil).data["items"] else {
            return []
        }
        return items
    }

    func post(_ path: String, _ body: JSONValue) async throws -> Reply { try await send("POST", path, body) }

    func requeue(_ ids: [String], dryRun: Bool = false) async throws -> Reply {
        try await post(
            "/api/v1/dlq/requeue", ["ids": .array(ids.map { .string($0) }), "dry_run": .bool(dryRun)])
    }

    func send(
        _ method: String, _ path: String, _ body: JSONValue?, key: String? = Self.serviceKey
    ) async throws -> Reply {
        guard let url = URL(string: "http://127.0.0.1:\(runtime.settings.httpPort)\(path)") else {
            throw URLError(.badURL)
        }
        var request = URLRequest(url: url, timeoutInterval: 60)
        request.httpMethod = method
        if let key { request.setValue(key, forHTTPHeaderField: ServiceKey.header) }
        if let body { request.httpBody = try ContractCoding.encode(body) }
        let (data, response) = try await URLSession.shared.data(for: request)
        let json = data.isEmpty ? .null : try ContractCoding.decode(JSONValue.self, from: data)
        return Reply(status: (response as? HTTPURLResponse)?.statusCode ?? 0, body: json)
    }
}

// MARK: - Dead letters

extension RecoveryFixture {
    /// A job with the id `job-<number>`.
    static func job(_ number: Int, priority: Int = 6) -> JobDocument {
        let time = Timestamp("2026-01-31T08:15:30.250Z") ?? .now
        var job = JobDocument(
            submittedAt: time, track: Track(artist: "Artist \(number)", title: "Title \(number)"))
        job.jobID = JobID("job-\(number)") ?? JobID()
        job.priority = priority
        return job
    }

    /// Publishes a dead letter as a worker does; its message id is `m-<number>`.
    @discardableResult
    func deadLetter(
        _ number: Int, at stage: Stage = .download, _ code: ErrorCode = .noSource,
        _ text: String = "no source offers it",
        headers: FieldTable = [:], attempt: Int = 5
    ) async throws -> String {
        var envelope = JobEnvelope()
        envelope.attempt = attempt
        envelope.hop = 3
        let deadLetter = DeadLetter(
            try message(number, headers: headers), kind: .dead, place: stage.rawValue, error: JobError(code, text),
            envelope: envelope, worker: "test-worker")
        try await runtime.publisher.publish(deadLetter)
        return "m-\(number)"
    }

    func message(_ number: Int, headers: FieldTable = [:]) throws -> Message {
        let job = Self.job(number)
        return runtime.publisher.messages.job(
            try ContractCoding.encode(job, sorted: true), id: job.jobID.text, priority: job.priority, headers: headers,
            messageID: "m-\(number)")
    }

    /// A job on its way to the tag stage that no queue took, with the message id `m-<number>`.
    func unrouted(_ number: Int) throws -> ReadDeadLetter {
        try ReadDeadLetter(
            RoutedMessage(message: try message(number), exchange: ExchangeName.jobs, routingKey: "job.tag"))
    }

    /// Waits until the index has `count` dead letters.
    func untilIndexed(_ count: Int) async throws {
        try await eventually("\(count) dead letters are indexed") {
            try await send("GET", "/api/v1/dlq?page_size=1", nil).data["total"]?.integerValue == Int64(count)
        }
    }

    /// Returns the job ids in a queue in their order. The messages stay.
    func jobs(in queue: String) async throws -> [String] {
        try await runtime.consuming.inspect(queue) { inspection in
            var jobs: [String] = []
            while let delivery = try await inspection.next() {
                jobs.append(delivery.message.properties.correlationID ?? "?")
            }
            return jobs
        }
    }

    /// Returns the steps whose messages are in a queue. The messages stay.
    func steps(in queue: String) async throws -> [JobStepKey] {
        try await runtime.consuming.inspect(queue) { inspection in
            var steps: [JobStepKey] = []
            while let delivery = try await inspection.next() {
                let properties = delivery.message.properties
                steps.append(
                    JobStepKey(
                        job: properties.correlationID ?? "?",
                        generation: properties.headers["x-hdm-requeues"]?.integerValue ?? 0,
                        hop: properties.headers["x-hdm-hop"]?.integerValue ?? 0))
            }
            return steps
        }
    }

    /// Returns the job ids of the messages in a queue that no later generation replaced, as a stage would process them.
    func currentJobs(in queue: String) async throws -> [String] {
        let claims = GenerationClaims(StagingArea(downloads: runtime.settings.downloadsDir))
        return try await runtime.consuming.inspect(queue) { inspection in
            var jobs: [String] = []
            while let delivery = try await inspection.next() {
                let generation = delivery.message.properties.headers["x-hdm-requeues"]?.integerValue ?? 0
                let job = delivery.message.properties.correlationID.flatMap { JobID($0) } ?? JobID()
                if try !claims.isStale(job, generation: Int(generation)) { jobs.append(job.text) }
            }
            return jobs
        }
    }

    /// Waits for the first event of a job.
    func firstEvent() async throws -> JobEvent {
        try await eventually("an event is published") { try await jobEvents().first }
    }

    /// Returns the number of endings that were not looked at yet.
    func unsettledEndings() async throws -> Int {
        let index = try await DeadLetterIndex.open(at: folder.file("state/recovery.db"), logger: runtime.logger)
        return try await index.untold(after: 0, limit: 100).count
    }

    /// Returns the events that were published so far.
    func jobEvents() async throws -> [JobEvent] {
        try await runtime.consuming.inspect(QueueName.gatewayEvents) { inspection in
            var events: [JobEvent] = []
            while let delivery = try await inspection.next() {
                events.append(try ContractCoding.decode(JobEvent.self, from: delivery.message.body))
            }
            return events
        }
    }

    func depth(_ queue: String) async throws -> Int { try await runtime.consuming.status(of: queue).ready }

    /// Returns the routing keys of the events that were published so far.
    func events() async throws -> [String] {
        try await runtime.consuming.inspect(QueueName.gatewayEvents) { inspection in
            var events: [String] = []
            while let delivery = try await inspection.next() { events.append(delivery.routingKey) }
            return events
        }
    }
}

extension [JSONValue] {
    /// The texts with the key `key` of all objects.
    func texts(_ key: String) -> [String] { map { $0[key]?.stringValue ?? "" } }
}

extension JSONValue {
    /// The texts in an array.
    var texts: [String] { if case .array(let values) = self { values.compactMap(\.stringValue) } else { [] } }
    var elements: [JSONValue] { if case .array(let values) = self { values } else { [] } }
}

/// The identity of a step of a job.
struct JobStepKey: Hashable, Sendable {
    var job: String
    var generation: Int64
    var hop: Int64
}
