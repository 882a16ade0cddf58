import Contracts
import Foundation
import TestSupport

/// Submits the requests of a run, cancels jobs, decides reviews, requeues dead letters and restarts lost jobs.
actor WorkloadDriver {
    private let workload: Workload
    private let music: ChaosMusic
    let client: ChaosClient
    private let ground: ChaosGround
    private let length: Duration
    /// Starts the ids of requests, so that another run on the same broker has others.
    private let run: String
    var accepted: [Evidence.Accepted] = []
    private var refused: [Workload.Request] = []
    var requestOfJob: [String: Workload.Request] = [:]
    var restarted: [String] = []
    /// The jobs that ended by crashes and were requeued, once for each time.
    var looped: [String] = []

    init(
        _ workload: Workload, _ music: ChaosMusic, _ client: ChaosClient, _ ground: ChaosGround, length: Duration,
        run: String
    ) {
        self.workload = workload
        self.music = music
        self.client = client
        self.ground = ground
        self.length = length
        self.run = run
    }

    /// What was accepted and what was refused.
    var result: (accepted: [Evidence.Accepted], refused: [Workload.Request]) { (accepted, refused) }
    /// The jobs that were reported as lost and restarted, once for each time.
    var lost: [String] { restarted }

    /// Submits all requests at their times and waits for all responses.
    func submitAll() async {
        let begin = ContinuousClock.now
        await withTaskGroup(of: Void.self) { group in
            for request in workload.requests {
                for (number, time) in ([request.at] + request.repeats).enumerated() {
                    group.addTask {
                        try? await Task.sleep(until: begin + self.length * time)
                        await self.submit(request, number, begin)
                    }
                }
            }
        }
    }

    private func submit(_ request: Workload.Request, _ number: Int, _ begin: ContinuousClock.Instant) async {
        do {
            let job = request.isForeign ? try await publish(request) : try await post(request, number)
            accepted.append(.init(job: job, request: request))
            requestOfJob[job] = request
            guard number == 0, let time = request.cancelledAt else { return }
            try await Task.sleep(until: begin + length * time)
            try await cancel(job)
        } catch {
            client.journal.record("refused", "request \(request.track): \(error)")
            if requestOfJob.values.contains(request) == false { refused.append(request) }
        }
    }

    private func post(_ request: Workload.Request, _ number: Int) async throws -> String {
        let key = "\(run)-\(request.track)-\(number)"
        let response = try await client.submit(music.track(request.track), key: key)
        guard let item = response.items.first else { throw ChaosClient.GaveUp() }
        client.journal.record("accepted", "request \(request.track) (\(request.kind)) is job \(item.jobID)")
        return item.jobID.text
    }

    /// Publishes a job document, as another service does. Without a confirmation it publishes the same message again.
    private func publish(_ request: Workload.Request) async throws -> String {
        var job = JobDocument(track: music.track(request.track))
        job.requestedBy = "another service"
        let body = String(decoding: try ContractCoding.encode(job), as: UTF8.self)
        let properties: [String: JSONValue] = [
            "message_id": .string(job.jobID.text), "correlation_id": .string(job.jobID.text),
            "type": .string(MessageType.job), "content_type": "application/json", "priority": 6,
        ]
        while ContinuousClock.now < client.deadline {
            let isRouted = try? await ground.broker.vhost.publish(
                body, to: ExchangeName.jobs, key: "job.match", properties: properties)
            if isRouted == true {
                client.journal.record("published", "request \(request.track) is job \(job.jobID)")
                return job.jobID.text
            }
            try await Task.sleep(for: .milliseconds(500))
        }
        throw ChaosClient.GaveUp()
    }

    /// Cancels a job. 409: it has ended.
    private func cancel(_ job: String) async throws {
        let response = try await client.send(.delete, "/api/v1/downloads/\(job)", until: [200, 202, 204, 409])
        client.journal.record("cancelled", "job \(job): \(response.status)")
        // After a lost response the repetition is refused, because the job is cancelled already.
        if response.status == 409 {
            let shown = await client.look("/api/v1/downloads/\(job)")
            guard (shown?["data"] ?? shown)?["state"] == .string(JobState.cancelled.rawValue) else { return }
        }
        for index in accepted.indices where accepted[index].job == job { accepted[index].isCancelled = true }
    }

    /// The items of a page, with or without an envelope.
    static func items(of page: JSONValue?) -> [JSONValue] {
        guard case .array(let items)? = (page?["data"] ?? page)?["items"] else { return [] }
        return items
    }
}
