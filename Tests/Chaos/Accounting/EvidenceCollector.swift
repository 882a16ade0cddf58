import AudioFiles
import Contracts
import Fakes
import Foundation
import GRDB
import TestSupport

/// Reads what is left after a run.
struct EvidenceCollector: Sendable {
    let ground: ChaosGround
    let client: ChaosClient

    /// Asks the running services, stops them, and reads queues, databases and files.
    func collect() async throws -> Evidence {
        var evidence = Evidence()
        evidence.jobs = try await jobs()
        evidence.index = try await index()
        for service in ServiceName.allCases { _ = try await ground.stack.stop(service) }
        evidence.messages = try await messages()
        evidence.audit = try audit()
        evidence.reservations = try reservations()
        evidence.library = try library()
        evidence.leftovers = leftovers()
        return evidence
    }

    /// The jobs of the API that have not ended.
    func activeJobs() async -> Int? {
        let page = await client.look("/api/v1/downloads?status=active&limit=1")
        return (page?["data"] ?? page)?["total"]?.integerValue.map(Int.init)
    }

    /// The messages of jobs in queues other than dead-letter queues; `nil` if they cannot be counted.
    func waitingMessages() async -> Int? {
        guard let depths = try? await ground.broker.vhost.depths() else { return nil }
        return depths.filter { Self.holdsJobs($0.key) && !QueueName.deadLetterQueues.contains($0.key) }
            .values.reduce(0, +)
    }

    /// The dead letters in queues that recovery's API does not list; `nil` if they cannot be counted.
    func unlistedDeadLetters() async -> Int? {
        guard let depths = try? await ground.broker.vhost.depths(), let listed = try? await index().count else {
            return nil
        }
        return depths.filter { QueueName.deadLetterQueues.contains($0.key) }.values.reduce(0, +) - listed
    }

    private static func holdsJobs(_ queue: String) -> Bool {
        queue.hasPrefix("hdm.") && !ignored.contains { queue.hasPrefix($0) }
    }

    private func jobs() async throws -> [Evidence.Job] {
        var jobs: [Evidence.Job] = []
        for offset in stride(from: 0, to: .max, by: 100) {
            let path = "/api/v1/downloads?limit=100&offset=\(offset)"
            let items = WorkloadDriver.items(of: try await client.send(.get, path, until: [200]).body)
            for id in items.compactMap({ $0["job_id"]?.stringValue }) { jobs.append(try await job(id)) }
            if items.count < 100 { return jobs }
        }
        return jobs
    }

    private func job(_ id: String) async throws -> Evidence.Job {
        let body = try await client.send(.get, "/api/v1/downloads/\(id)", until: [200]).body
        let detail = body["data"] ?? body
        guard case .array(let rows)? = detail["timeline"] else {
            return Evidence.Job(id: id, state: detail["state"]?.stringValue ?? "", timeline: [])
        }
        return Evidence.Job(id: id, state: detail["state"]?.stringValue ?? "", timeline: rows.map(Self.event))
    }

    private static func event(_ row: JSONValue) -> Evidence.Event {
        let sequence = Int(row["sequence"]?.integerValue ?? 0)
        return Evidence.Event(
            name: row["event"]?.stringValue ?? "", state: row["state"]?.stringValue ?? "",
            generation: JobEvent.requeues(ofSequence: sequence), at: row["at"]?.stringValue ?? "",
            attempt: Int(row["attempt"]?.integerValue ?? 1),
            text: row["message"]?.stringValue ?? "")
    }

    private func index() async throws -> [Evidence.Indexed] {
        var indexed: [Evidence.Indexed] = []
        for page in 1... {
            let body = try await client.send(
                .get, "/api/v1/dlq?page=\(page)&page_size=100&include_gone=true", until: [200]
            ).body
            let items = WorkloadDriver.items(of: body)
            indexed += items.map(Self.indexed)
            if items.count < 100 { return indexed }
        }
        return indexed
    }

    private static func indexed(_ item: JSONValue) -> Evidence.Indexed {
        Evidence.Indexed(
            job: item["job_id"]?.stringValue, generation: Int(item["requeues"]?.integerValue ?? 0),
            queue: item["queue"]?.stringValue ?? "", isGone: item["presence"] != "present")
    }

    /// Counts of the management API are up to half a second old, so a queue is looked into even if it seems empty.
    private func messages() async throws -> [Evidence.Message] {
        let vhost = try await ground.broker.vhost
        // What a connection held returns to its queue when the connection is closed.
        for proxy in ground.proxies { proxy.refuse() }
        try await eventually("the broker has no connection", timeout: .seconds(60)) {
            try await vhost.closeConnections() == 0
        }
        guard case .array(let rows) = try await vhost.management.request("GET", ["queues", vhost.name]) else {
            return []
        }
        let queues = rows.compactMap { $0["name"]?.stringValue }.filter(Self.holdsJobs)
        var messages: [Evidence.Message] = []
        for queue in queues.sorted() {
            messages += try await vhost.peek(queue, count: 50_000).map { message(in: queue, $0) }
        }
        return messages
    }

    private func message(in queue: String, _ message: BrokerMessage) -> Evidence.Message {
        let document = try? ContractCoding.decode(JSONValue.self, from: message.body)
        let reason = message.headers[MessageHeader.deadReason]?.stringValue ?? ""
        let error = message.headers[MessageHeader.deadError]?.stringValue ?? ""
        return Evidence.Message(
            queue: queue, job: document?["job_id"]?.stringValue,
            generation: Int(message.headers[MessageHeader.requeues]?.integerValue ?? 0),
            text: "\(message.exchange) \(message.routingKey) \(reason) \(error)")
    }

    /// Queues that hold no message of a job.
    private static let ignored = [QueueName.progressEvents, QueueName.systemEvents, "hdm.budget.", "hdm.reply."]
}
