import Contracts
import Foundation
import TestSupport

/// Submits the requests of a run, cancels jobs, decides reviews, requeues dead letters and restarts lost jobs.
actor WorkloadDriver {
    private let workload: Workload
    private let music: ChaosMusic
    private let client: ChaosClient
    private let ground: ChaosGround
    private let length: Duration
    /// Starts the ids of requests, so that another run on the same broker has others.
    private let run: String
    private var accepted: [Evidence.Accepted] = []
    private var refused: [Workload.Request] = []
    private var requestOfJob: [String: Workload.Request] = [:]
    private var restarted: [String] = []

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
        guard response.status != 409 else { return }
        for index in accepted.indices where accepted[index].job == job { accepted[index].isCancelled = true }
    }

    /// Does what a person does, until the task is cancelled.
    func decide() async {
        while !Task.isCancelled {
            await decideReviews()
            await requeueDeadLetters()
            await restartLost()
            try? await Task.sleep(for: .milliseconds(700))
        }
    }

    private func decideReviews() async {
        let page = await client.look("/api/v1/reviews?limit=100")
        for id in Self.items(of: page).compactMap({ $0["job_id"]?.stringValue }) {
            guard let request = requestOfJob[id] else { continue }
            let (verb, body): (String, JSONValue) =
                request.kind == .rejected ? ("reject", [:]) : ("approve", ["candidate": 0])
            let data = try? ContractCoding.encode(body)
            let response = try? await client.stack.request(
                .post, "/api/v1/reviews/\(id)/\(verb)", body: data, timeout: .seconds(5))
            client.journal.record("decided", "job \(id): \(verb) \(response?.status ?? 0)")
        }
    }

    private func requeueDeadLetters() async {
        let page = await client.look("/api/v1/dlq?page_size=100")
        for item in Self.items(of: page) {
            guard let id = item["id"]?.stringValue, let job = item["job_id"]?.stringValue,
                let index = accepted.firstIndex(where: { $0.job == job && $0.requeues < $0.request.requeues })
            else { continue }
            let body = try? ContractCoding.encode(["ids": [.string(id)]] as JSONValue)
            let response = try? await client.stack.request(
                .post, "/api/v1/dlq/requeue", body: body, timeout: .seconds(5))
            client.journal.record("requeued", "job \(job): \(response?.status ?? 0)")
            if response?.status == 200 { accepted[index].requeues += 1 }
        }
    }

    /// Restarts the jobs whose messages recovery found to be gone.
    private func restartLost() async {
        let page = await client.look("/api/v1/downloads?status=failed&limit=100")
        for item in Self.items(of: page) where item["code"] == .string(ErrorCode.internalError.rawValue) {
            guard let id = item["job_id"]?.stringValue else { continue }
            let response = try? await client.stack.request(
                .post, "/api/v1/downloads/\(id)/retry", timeout: .seconds(5))
            // 409: it has a message, which can be requeued.
            guard let response, response.status != 409 else { continue }
            client.journal.record("restarted", "job \(id): \(response.status)")
            if response.status == 202 { restarted.append(id) }
        }
    }

    /// The items of a page, with or without an envelope.
    static func items(of page: JSONValue?) -> [JSONValue] {
        guard case .array(let items)? = (page?["data"] ?? page)?["items"] else { return [] }
        return items
    }
}
